//! An ONNX model under construction. Numbers of fields are those of `onnx.proto3` (ONNX 1.12 and
//! newer).

use simgan_base::{Error, Result};

use crate::onnx::protobuf::Message;

/// Version of ONNX's file format: that of ONNX 1.12.
const IR_VERSION: i64 = 8;
/// Version of the set of operators.
pub(super) const OPSET: i64 = 17;
/// Most bytes of a message of Protocol Buffers.
const LARGEST: usize = i32::MAX as usize;

const FLOAT: i64 = 1;
const INT64: i64 = 7;

/// A constant of a node.
pub(super) enum Attribute<'a> {
    /// A number.
    Float(&'a str, f32),
    /// A whole number.
    Int(&'a str, i64),
    /// Whole numbers.
    Ints(&'a str, Vec<i64>),
}

/// A side of a tensor of the interface.
pub(super) enum Side {
    /// Always so long.
    Fixed(usize),
    /// Of any length.
    Free(&'static str),
}

/// Nodes and constants; every value has a name.
#[derive(Default)]
pub(super) struct Model {
    nodes: Vec<Message>,
    constants: Vec<Message>,
}

impl Model {
    /// Appends a node; returns the name of what it puts out.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute],
    ) -> String {
        let output = format!("{}_{}", operator.to_lowercase(), self.nodes.len());
        self.named_node(operator, inputs, attributes, &output);
        output
    }

    /// Appends a node that puts out `output`.
    pub(super) fn named_node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute],
        output: &str,
    ) {
        let node = inputs
            .iter()
            .fold(Message::default(), |node, input| node.bytes(1, input))
            .bytes(2, output)
            .bytes(3, output)
            .bytes(4, operator);
        let attributes: Vec<Message> = attributes.iter().map(Attribute::message).collect();
        self.nodes.push(node.messages(5, &attributes));
    }

    /// A tensor of little-endian 32-bit floats, called `name`.
    pub(super) fn tensor(&mut self, name: &str, shape: &[usize], little_endian: &[u8]) -> String {
        self.constant(name.to_owned(), FLOAT, shape, little_endian)
    }

    /// Floats of `shape`.
    pub(super) fn floats(&mut self, shape: &[usize], values: &[f32]) -> String {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(self.free_name(), FLOAT, shape, &bytes)
    }

    /// A number.
    pub(super) fn number(&mut self, value: f32) -> String {
        self.floats(&[], &[value])
    }

    /// A list of whole numbers.
    pub(super) fn integers(&mut self, values: &[i64]) -> String {
        self.whole_numbers(&[values.len()], values)
    }

    /// A whole number.
    pub(super) fn integer(&mut self, value: i64) -> String {
        self.whole_numbers(&[], &[value])
    }

    fn whole_numbers(&mut self, shape: &[usize], values: &[i64]) -> String {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(self.free_name(), INT64, shape, &bytes)
    }

    fn free_name(&self) -> String {
        format!("constant_{}", self.constants.len())
    }

    fn constant(&mut self, name: String, kind: i64, shape: &[usize], bytes: &[u8]) -> String {
        let sides = shape.iter();
        let tensor = sides
            .fold(Message::default(), |tensor, &side| {
                tensor.int(1, side as i64)
            })
            .int(2, kind)
            .bytes(8, &name)
            .bytes(9, bytes);
        self.constants.push(tensor);
        name
    }

    /// The file of a model from `input` to `output`, with `metadata`.
    ///
    /// # Errors
    /// It is larger than such files may be.
    pub(super) fn into_file(
        self,
        name: &str,
        [input, output]: [Message; 2],
        metadata: Vec<(String, String)>,
    ) -> Result<Vec<u8>> {
        let size: usize = self.constants.iter().map(Message::len).sum();
        if size > LARGEST - (LARGEST >> 4) {
            let message = format!("an ONNX file has room for 2 GiB; the weights have {size} bytes");
            return Err(Error::model(message).with_hint("--format pytorch has no such limit"));
        }
        let graph = Message::default()
            .messages(1, &self.nodes)
            .bytes(2, name)
            .messages(5, &self.constants)
            .message(11, &input)
            .message(12, &output);
        let metadata: Vec<Message> = metadata
            .into_iter()
            .map(|(key, value)| Message::default().bytes(1, key).bytes(2, value))
            .collect();
        let opset = Message::default().bytes(1, "").int(2, OPSET);
        let model = Message::default()
            .int(1, IR_VERSION)
            .bytes(2, "simgan")
            .bytes(3, env!("CARGO_PKG_VERSION"))
            .message(7, &graph)
            .message(8, &opset)
            .messages(14, &metadata);
        Ok(model.into_bytes())
    }
}

impl Attribute<'_> {
    fn message(&self) -> Message {
        let named = |name: &str| Message::default().bytes(1, name);
        match self {
            Self::Float(name, value) => named(name).float(2, *value).int(20, 1),
            Self::Int(name, value) => named(name).int(3, *value).int(20, 2),
            Self::Ints(name, values) => {
                let all = values.iter();
                all.fold(named(name), |ints, value| ints.int(8, *value))
                    .int(20, 7)
            }
        }
    }
}

/// A tensor of floats of the interface, said in words by `about`.
pub(super) fn port(name: &str, sides: &[Side], about: &str) -> Message {
    let sides: Vec<Message> = sides
        .iter()
        .map(|side| match side {
            Side::Fixed(length) => Message::default().int(1, *length as i64),
            Side::Free(name) => Message::default().bytes(2, name),
        })
        .collect();
    let shape = Message::default().messages(1, &sides);
    let tensor = Message::default().int(1, FLOAT).message(2, &shape);
    Message::default()
        .bytes(1, name)
        .message(2, &Message::default().message(1, &tensor))
        .bytes(3, about)
}
