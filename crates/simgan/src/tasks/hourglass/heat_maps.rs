//! Points as heat maps, and back.

use burn::tensor::{Device, Int, Tensor, TensorData};

/// Cells on each side of the highest one that a point is read from.
const WINDOW: usize = 2;

/// How points and heat maps belong together: cell (0, 0) covers the image's first `cell` by `cell` pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatMaps {
    /// Rows and columns of a map.
    pub size: [usize; 2],
    /// Pixels along a side of a cell.
    pub cell: usize,
    /// Standard deviation of a point in its map, in cells.
    pub spread: f64,
}

impl HeatMaps {
    /// Gaussians of height 1 about points.
    ///
    /// # Shapes
    /// - `points`: `[batch, 2 * points]`, x and y in pixels from the upper left corner of the image
    /// - result: `[batch, points, rows, columns]`
    pub fn of(&self, points: Tensor<2>) -> Tensor<4> {
        let [batch, numbers] = points.dims();
        let device = points.device();
        let pairs = points.reshape([batch, numbers / 2, 2, 1]) / self.cell as f64;
        let [rows, columns] = self.size;
        let bell = |axis: usize, cells: usize| -> Tensor<4> {
            let centres = centres(cells, &device).reshape([1, 1, 1, cells]);
            let away = pairs.clone().slice_dim(2, axis..axis + 1) - centres;
            (away.square() * (-0.5 / self.spread.powi(2))).exp()
        };
        let across = bell(0, columns);
        bell(1, rows).swap_dims(2, 3) * across
    }

    /// Where the maps are highest: the centre of mass of what is above 0 in the cells around the highest one. Gradients flow
    /// through the values of these cells, not through their choice.
    ///
    /// # Shapes
    /// - `maps`: `[batch, points, rows, columns]`
    /// - result: `[batch, 2 * points]`, x and y in pixels from the upper left corner of the image
    pub fn points(&self, maps: Tensor<4>) -> Tensor<2> {
        let [batch, points, rows, columns] = maps.dims();
        let device = maps.device();
        let flat: Tensor<3> = maps.reshape([batch, points, rows * columns]);
        let highest: Tensor<3, Int> = flat.clone().detach().argmax(2);
        // Never nothing, so that a map without a height above 0 has a place: its highest cell.
        let mass = flat.clamp_min(1e-6) * self.around(highest, &device);
        let total = mass.clone().sum_dim(2);
        let place = |cells: Tensor<1>| {
            let weighted = mass.clone() * cells.reshape([1, 1, rows * columns]);
            weighted.sum_dim(2) / total.clone()
        };
        let [across, down] = self.cells(&device).map(place);
        let pairs = Tensor::cat(vec![across, down], 2) * self.cell as f64;
        pairs.reshape([batch, 2 * points])
    }

    /// Column and row of every cell's middle, in cells.
    fn cells(&self, device: &Device) -> [Tensor<1>; 2] {
        let [rows, columns] = self.size;
        let of = |value: fn(usize, usize) -> usize| {
            let cells = (0..rows * columns).map(|cell| value(cell, columns) as f32 + 0.5);
            let values: Vec<f32> = cells.collect();
            Tensor::from_data(TensorData::new(values, [rows * columns]), device)
        };
        [
            of(|cell, columns| cell % columns),
            of(|cell, columns| cell / columns),
        ]
    }

    /// 1 in the cells around those of the indices `highest`, elsewhere 0.
    fn around(&self, highest: Tensor<3, Int>, device: &Device) -> Tensor<3> {
        let [rows, columns] = self.size;
        let highest = highest.float();
        let row = (highest.clone() / columns as f64).floor();
        let column = highest - row.clone() * columns as f64;
        let near = |cells: Tensor<1>, middle: Tensor<3>| {
            let away = cells.reshape([1, 1, rows * columns]) - (middle + 0.5);
            away.abs().lower_equal_elem(WINDOW as f64 + 0.25).float()
        };
        let [across, down] = self.cells(device);
        near(across, column) * near(down, row)
    }
}

/// Middles of cells along a side, in cells.
fn centres(cells: usize, device: &Device) -> Tensor<1> {
    let values: Vec<f32> = (0..cells).map(|cell| cell as f32 + 0.5).collect();
    Tensor::from_data(TensorData::new(values, [cells]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPS: HeatMaps = HeatMaps {
        size: [12, 16],
        cell: 2,
        spread: 1.0,
    };

    fn numbers(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    fn tensor(points: &[f32], per_image: usize, device: &Device) -> Tensor<2> {
        let shape = [points.len() / per_image, per_image];
        Tensor::from_data(TensorData::new(points.to_vec(), shape), device)
    }

    #[test]
    fn points_come_back_from_their_maps() {
        let device = Device::default();
        let points = [7.0, 9.0, 20.5, 13.2, 11.9, 18.7, 25.0, 5.0];
        let maps = MAPS.of(tensor(&points, 4, &device));
        assert_eq!(maps.dims(), [2, 2, 12, 16]);
        for (found, point) in numbers(MAPS.points(maps)).iter().zip(points) {
            assert!((found - point).abs() < 0.1, "{found} {point}");
        }
    }

    #[test]
    fn the_middle_of_a_cell_is_where_its_map_is_1() {
        let maps = MAPS.of(tensor(&[7.0, 5.0], 2, &Device::default()));
        let value = maps.slice([0..1, 0..1, 2..3, 3..4]).into_scalar::<f32>();
        assert!((value - 1.0).abs() < 1e-6);
    }

    #[test]
    fn an_empty_map_has_a_place_inside_the_image() {
        let device = Device::default();
        let found = numbers(MAPS.points(Tensor::zeros([1, 1, 12, 16], &device) - 0.5));
        assert!(found.iter().all(|place| (0.0..6.0).contains(place)));
    }

    #[test]
    fn a_far_second_height_does_not_pull() {
        let device = Device::default();
        let near = MAPS.of(tensor(&[7.0, 5.0], 2, &device));
        let far = MAPS.of(tensor(&[27.0, 19.0], 2, &device));
        let found = numbers(MAPS.points(near + far * 0.8));
        assert!((found[0] - 7.0).abs() < 0.1 && (found[1] - 5.0).abs() < 0.1);
    }
}
