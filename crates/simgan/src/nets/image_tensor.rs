//! Images between plain memory and tensors.

use burn::tensor::{Device, Tensor, TensorData};

/// Images, row by row, as `[n, channels, height, width]` for an `image_shape` of `[channels, height, width]`.
pub fn from_values(values: Vec<f32>, image_shape: [usize; 3], device: &Device) -> Tensor<4> {
    let [channels, height, width] = image_shape;
    let images = values.len() / (channels * height * width);
    let data = TensorData::new(values, [images, channels, height, width]);
    Tensor::from_data(data, device)
}

/// The values of images, row by row.
pub fn to_values(images: Tensor<4>) -> Vec<f32> {
    images.into_data().iter::<f32>().collect()
}
