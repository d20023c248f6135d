//! Messages of protocol buffers, written and (in tests) read.

/// A protocol-buffers message under construction. Field numbers are below 16, so a key is one byte.
#[derive(Debug, Default)]
pub(super) struct Message(pub(super) Vec<u8>);

impl Message {
    pub(super) fn integer(&mut self, field: u8, value: u64) {
        self.0.push(field << 3);
        self.varint(value);
    }

    pub(super) fn double(&mut self, field: u8, value: f64) {
        self.0.push(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn float(&mut self, field: u8, value: f32) {
        self.0.push(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn message(&mut self, field: u8, value: &Self) {
        self.bytes(field, &value.0);
    }

    pub(super) fn bytes(&mut self, field: u8, value: &[u8]) {
        self.0.push(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    /// Seven bits a byte, least significant first; the top bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
pub(super) mod reading {
    /// A field of a message: its number and its raw value.
    #[derive(Debug, PartialEq)]
    pub(crate) enum Field {
        Integer(u8, u64),
        Double(u8, f64),
        Float(u8, f32),
        Bytes(u8, Vec<u8>),
    }

    pub(crate) fn take<'a>(bytes: &mut &'a [u8], n: usize) -> &'a [u8] {
        let (head, tail) = bytes.split_at(n);
        *bytes = tail;
        head
    }

    fn take_varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = take(bytes, 1)[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }

    pub(crate) fn decode(mut bytes: &[u8]) -> Vec<Field> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = take_varint(&mut bytes) as u8;
            let field = key >> 3;
            fields.push(match key & 7 {
                0 => Field::Integer(field, take_varint(&mut bytes)),
                1 => Field::Double(
                    field,
                    f64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap()),
                ),
                2 => {
                    let length = take_varint(&mut bytes) as usize;
                    Field::Bytes(field, take(&mut bytes, length).to_vec())
                }
                5 => Field::Float(
                    field,
                    f32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap()),
                ),
                wire => panic!("wire type {wire}"),
            });
        }
        fields
    }

    pub(crate) fn field(message: &[u8], number: u8) -> Field {
        let matches = |f: &Field| matches!(f, Field::Integer(n, _) | Field::Double(n, _) | Field::Float(n, _) | Field::Bytes(n, _) if *n == number);
        decode(message).into_iter().find(matches).unwrap()
    }

    pub(crate) fn nested(message: &[u8], number: u8) -> Vec<u8> {
        match field(message, number) {
            Field::Bytes(_, bytes) => bytes,
            other => panic!("{other:?} is no message"),
        }
    }
}
