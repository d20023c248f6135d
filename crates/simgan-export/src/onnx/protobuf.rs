//! Messages of Protocol Buffers, written: the few kinds of fields that ONNX needs
//! (<https://protobuf.dev/programming-guides/encoding>).

/// How a field is stored.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Bytes = 2,
    Fixed32 = 5,
}

/// A message, field after field.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// The message as it is stored.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Its length as it is stored.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a whole number: `int32`, `int64` or an enum.
    #[must_use]
    pub(super) fn int(mut self, field: u32, value: i64) -> Self {
        self.key(field, Wire::Varint);
        self.varint(value.cast_unsigned());
        self
    }

    /// Adds a `float`.
    #[must_use]
    pub(super) fn float(mut self, field: u32, value: f32) -> Self {
        self.key(field, Wire::Fixed32);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds `bytes` or a `string`.
    #[must_use]
    pub(super) fn bytes(mut self, field: u32, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.key(field, Wire::Bytes);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    /// Adds a message.
    #[must_use]
    pub(super) fn message(self, field: u32, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    /// Adds messages.
    #[must_use]
    pub(super) fn messages<'a>(
        self,
        field: u32,
        values: impl IntoIterator<Item = &'a Self>,
    ) -> Self {
        let values = values.into_iter();
        values.fold(self, |all, value| all.message(field, value))
    }

    fn key(&mut self, field: u32, wire: Wire) {
        self.varint(u64::from(field << 3 | wire as u32));
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the specification.
    #[test]
    fn messages_are_those_of_the_specification() {
        let a = Message::default().int(1, 150);
        assert_eq!(a.clone().into_bytes(), [0x08, 0x96, 0x01]);
        let b = Message::default().bytes(2, "testing");
        assert_eq!(b.into_bytes(), *b"\x12\x07testing");
        let c = Message::default().message(3, &a);
        assert_eq!(c.into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let minus_two = Message::default().int(1, -2).into_bytes();
        assert_eq!(minus_two, *b"\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
        let float = Message::default().float(16, 1.0).into_bytes();
        assert_eq!(float, [0x85, 0x01, 0, 0, 0x80, 0x3f]);
    }
}
