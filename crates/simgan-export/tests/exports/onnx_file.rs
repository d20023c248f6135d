//! A reader of ONNX files that shares nothing with what writes them: fields by number, as Protocol
//! Buffers store them.

use std::collections::{BTreeMap, BTreeSet};

/// Fields of a message: number, and whole number or bytes.
struct Message<'a>(Vec<(u64, Field<'a>)>);

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct OnnxFile {
    pub opset: u64,
    pub metadata: BTreeMap<String, String>,
    /// Name of the input and of the output, and their sides.
    pub ports: Vec<(String, Vec<String>)>,
    pub nodes: Vec<Node>,
    /// Shape and bytes.
    pub constants: BTreeMap<String, (Vec<u64>, Vec<u8>)>,
}

#[derive(Debug)]
pub struct Node {
    pub operator: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for place in 0..10 {
        let (&byte, rest) = bytes.split_first().expect("a number ends");
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return value;
        }
    }
    panic!("a number has more than ten bytes");
}

impl<'a> Message<'a> {
    fn read(mut bytes: &'a [u8]) -> Self {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let field = match key & 7 {
                0 => Field::Number(varint(&mut bytes)),
                2 => {
                    let length = varint(&mut bytes) as usize;
                    let (value, rest) = bytes.split_at(length);
                    bytes = rest;
                    Field::Bytes(value)
                }
                5 => {
                    let (value, rest) = bytes.split_at(4);
                    bytes = rest;
                    Field::Bytes(value)
                }
                wire => panic!("no such wire type: {wire}"),
            };
            fields.push((key >> 3, field));
        }
        Self(fields)
    }

    fn all(&self, number: u64) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter_map(move |(own, field)| match field {
            Field::Bytes(bytes) if *own == number => Some(*bytes),
            _ => None,
        })
    }

    fn numbers(&self, number: u64) -> Vec<u64> {
        let all = self.0.iter().filter_map(|(own, field)| match field {
            Field::Number(value) if *own == number => Some(*value),
            _ => None,
        });
        all.collect()
    }

    fn text(&self, number: u64) -> String {
        self.texts(number).pop().unwrap_or_default()
    }

    fn texts(&self, number: u64) -> Vec<String> {
        let texts = self.all(number);
        texts
            .map(|text| String::from_utf8(text.to_vec()).unwrap())
            .collect()
    }

    fn messages(&self, number: u64) -> Vec<Self> {
        self.all(number).map(Self::read).collect()
    }
}

impl OnnxFile {
    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Self {
        let model = Message::read(bytes);
        let [graph] = &model.messages(7)[..] else {
            panic!("a model has one graph");
        };
        Self {
            opset: model.messages(8)[0].numbers(2)[0],
            metadata: model
                .messages(14)
                .iter()
                .map(|pair| (pair.text(1), pair.text(2)))
                .collect(),
            ports: [graph.messages(11), graph.messages(12)]
                .iter()
                .flatten()
                .map(port)
                .collect(),
            nodes: graph.messages(1).iter().map(Node::of).collect(),
            constants: graph.messages(5).iter().map(constant).collect(),
        }
    }

    /// The operators that occur.
    pub fn operators(&self) -> BTreeSet<&str> {
        self.nodes
            .iter()
            .map(|node| node.operator.as_str())
            .collect()
    }
}

impl Node {
    fn of(message: &Message) -> Self {
        Self {
            operator: message.text(4),
            inputs: message.texts(1),
            outputs: message.texts(2),
        }
    }
}

/// Name and sides: numbers, or names of free ones.
fn port(message: &Message) -> (String, Vec<String>) {
    let tensor = message.messages(2)[0].messages(1).pop().unwrap();
    assert_eq!(tensor.numbers(1), [1], "floats");
    let sides = tensor.messages(2)[0].messages(1);
    let side = |side: &Message| match side.numbers(1)[..] {
        [length] => length.to_string(),
        _ => side.text(2),
    };
    (message.text(1), sides.iter().map(side).collect())
}

fn constant(message: &Message) -> (String, (Vec<u64>, Vec<u8>)) {
    let (shape, bytes) = (message.numbers(1), message.all(9).next().unwrap().to_vec());
    let size = match message.numbers(2)[..] {
        [1] => 4,
        [7] => 8,
        ref other => panic!("neither floats nor whole numbers: {other:?}"),
    };
    let count: u64 = shape.iter().product();
    assert_eq!(bytes.len() as u64, size * count, "{}", message.text(8));
    (message.text(8), (shape, bytes))
}
