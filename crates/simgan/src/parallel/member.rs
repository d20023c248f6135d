//! One process of a training.

use burn::tensor::Device;

use crate::parallel::ProcessGroup;

/// Where a process of a training computes, and with whom.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its device.
    pub device: Device,
    /// All processes of the training.
    pub group: ProcessGroup,
}

impl Member {
    /// The only process, computing on `device`.
    pub fn alone(device: &Device) -> Self {
        Self {
            device: device.clone(),
            group: ProcessGroup::alone(),
        }
    }
}
