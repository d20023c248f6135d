//! Label tables whose text is carried over byte for byte.

/// A label table.
#[derive(Clone, Debug)]
pub struct Labels {}
impl Labels {
    /// stub
    pub fn raw_header(&self) -> &[u8] {
        todo!()
    }
    /// stub
    pub fn raw_row(&self, _i: usize) -> &[u8] {
        todo!()
    }
}
