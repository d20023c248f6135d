//! Holding labelled points in their places when the refiner is applied: around them it may change grey levels, not shapes.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::keypoints::grey_map::GreyMap;
use crate::keypoints::network::KeypointNetwork;
use crate::nets::image_tensor;

/// Discs around points in which nothing moves, and what finds the points.
#[derive(Clone, Debug)]
pub struct Hold {
    network: KeypointNetwork,
    radius: f64,
}

impl Hold {
    /// Discs of `radius` pixels around the points that a network knows.
    pub fn new(network: &KeypointNetwork, radius: f64) -> Self {
        Self {
            network: network.valid(),
            radius,
        }
    }

    /// What finds the points.
    pub fn network(&self) -> &KeypointNetwork {
        &self.network
    }

    /// Distance from a point within which nothing moves, pixels.
    pub fn radius(&self) -> f64 {
        self.radius
    }

    /// `refined`, but within the radius of a point `synthetic` with the mean and contrast that `refined` has there, per point
    /// and channel; from there to twice as far one fades into the other. Points are found in `synthetic`.
    ///
    /// # Shapes
    /// - `synthetic`, `refined`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn apply(&self, synthetic: Tensor<4>, refined: Tensor<4>) -> Tensor<4> {
        let [_, channels, height, width] = synthetic.dims();
        let device = synthetic.device();
        let found = self.network.find(synthetic.clone());
        let [synthetic, mut held] = [synthetic, refined].map(image_tensor::to_values);
        let image_values = channels * height * width;
        let images = synthetic
            .chunks(image_values)
            .zip(held.chunks_mut(image_values));
        for ((synthetic, held), points) in images.zip(found.chunks(self.network.points())) {
            let discs: Vec<_> = points
                .iter()
                .map(|point| self.disc(*point, [height, width]))
                .collect();
            let planes = synthetic
                .chunks(height * width)
                .zip(held.chunks_mut(height * width));
            planes.for_each(|(synthetic, held)| hold(&discs, synthetic, held));
        }
        image_tensor::from_values(held, [channels, height, width], &device)
    }

    /// How firmly a point holds every pixel: 1 up to the radius, 0 from twice the radius on, half a cosine between.
    fn disc(&self, [x, y]: [f32; 2], [height, width]: [usize; 2]) -> Vec<f32> {
        let pixels = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
        let firmness = |(row, column): (usize, usize)| {
            let distance = (column as f32 - x).hypot(row as f32 - y);
            let way = (distance / self.radius as f32 - 1.0).clamp(0.0, 1.0);
            0.5 + 0.5 * (std::f32::consts::PI * way).cos()
        };
        pixels.map(firmness).collect()
    }
}

/// Brings one channel of an image, refined, to what its points allow. Where discs overlap their maps are mixed.
fn hold(discs: &[Vec<f32>], synthetic: &[f32], held: &mut [f32]) {
    let map = |disc: &Vec<f32>| GreyMap::between(synthetic, held, disc);
    let maps: Vec<GreyMap> = discs.iter().map(map).collect();
    for (pixel, (synthetic, held)) in synthetic.iter().zip(held).enumerate() {
        let firmness = discs.iter().map(|disc| disc[pixel]);
        let sum: f32 = firmness.clone().sum();
        if sum > 0.0 {
            let mapped = maps
                .iter()
                .zip(firmness.clone())
                .map(|(map, part)| part * map.of(*synthetic));
            let still = (mapped.sum::<f32>() / sum).clamp(-1.0, 1.0);
            *held += (still - *held) * firmness.fold(0.0, f32::max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_its_own_light_and_where_discs_meet_they_mix() {
        let synthetic = [-0.5, 0.0, 0.5, -0.25, 0.5, 0.75, 0.2];
        let refined = [-0.25, 0.0, 0.25, 0.75, 0.6, 0.85, -0.9];
        let discs = [
            vec![1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
            vec![0.0, 0.0, 0.5, 0.0, 1.0, 1.0, 0.0],
        ];
        let mut held = refined;
        hold(&discs, &synthetic, &mut held);
        let lines = discs
            .each_ref()
            .map(|disc| GreyMap::between(&synthetic, &refined, disc));
        let mixed = (lines[0].of(0.5) + 0.5 * lines[1].of(0.5)) / 1.5;
        let expected = [
            lines[0].of(-0.5),
            lines[0].of(0.0),
            mixed,
            refined[3],
            lines[1].of(0.5),
            lines[1].of(0.75),
            refined[6],
        ];
        for (held, expected) in held.iter().zip(expected) {
            assert!((held - expected).abs() < 1e-6, "{held} {expected}");
        }
        assert!(
            (expected[0] + 0.25).abs() < 1e-6,
            "the first disc's light is halved"
        );
    }
}
