//! Arithmetic on values of a model, one node each, so that formulas read as such.

use crate::onnx::model::{Attribute, Model};

impl Model {
    pub(super) fn add(&mut self, a: &str, b: &str) -> String {
        self.node("Add", &[a, b], &[])
    }

    pub(super) fn subtract(&mut self, a: &str, b: &str) -> String {
        self.node("Sub", &[a, b], &[])
    }

    pub(super) fn multiply(&mut self, a: &str, b: &str) -> String {
        self.node("Mul", &[a, b], &[])
    }

    pub(super) fn divide(&mut self, a: &str, b: &str) -> String {
        self.node("Div", &[a, b], &[])
    }

    pub(super) fn square(&mut self, a: &str) -> String {
        self.multiply(a, a)
    }

    pub(super) fn square_root(&mut self, a: &str) -> String {
        self.node("Sqrt", &[a], &[])
    }

    /// Cut to `low..=high`.
    pub(super) fn clip(&mut self, a: &str, low: f32, high: f32) -> String {
        let (low, high) = (self.number(low), self.number(high));
        self.node("Clip", &[a, &low, &high], &[])
    }

    /// Sum over `axes`, which stay with the length 1.
    pub(super) fn sum(&mut self, a: &str, axes: &[i64]) -> String {
        let axes = self.integers(axes);
        self.node("ReduceSum", &[a, &axes], &[])
    }

    /// Mean over `axes`, which stay with the length 1.
    pub(super) fn mean(&mut self, a: &str, axes: &[i64]) -> String {
        let axes = Attribute::Ints("axes", axes.to_vec());
        self.node("ReduceMean", &[a], &[axes])
    }

    /// Puts a new axis of length 1 in the place `axis`.
    pub(super) fn unsqueeze(&mut self, a: &str, axis: i64) -> String {
        let axes = self.integers(&[axis]);
        self.node("Unsqueeze", &[a, &axes], &[])
    }

    /// 0, `step`, 2 `step`, ... along `axis` (2 or 3) of images `a`, to be combined with numbers a
    /// pixel.
    pub(super) fn coordinates(&mut self, a: &str, axis: i64, step: f32) -> String {
        let (zero, one, index) = (self.integer(0), self.integer(1), self.integer(axis));
        let shape = self.node("Shape", &[a], &[]);
        let length = self.node("Gather", &[&shape, &index], &[]);
        let places = self.node("Range", &[&zero, &length, &one], &[]);
        let places = self.node("Cast", &[&places], &[Attribute::Int("to", 1)]);
        let step = self.number(step);
        let places = self.multiply(&places, &step);
        match axis {
            2 => self.unsqueeze(&places, 1),
            _ => places,
        }
    }
}
