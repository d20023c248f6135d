//! Labels drawn over an image: an arrow along the gaze, a ring round every point, boxes, a mask that shines through.

use simgan::tasks::comparison::examples::Marks;
use simgan_base::metrics::gaze_angle;

use super::html::escape;

/// Length of an arrow whose gaze lies in the image's plane, in parts of the image's width.
const LENGTH: f32 = 0.6;
/// Points that an eye's arrow starts at, the first that there is.
const STARTS: [&str; 3] = ["pupil", "iris", "gaze"];

/// Whether there is nothing to draw.
pub fn is_empty(marks: &Marks) -> bool {
    marks.gaze.is_none()
        && marks.points.is_empty()
        && marks.boxes.is_empty()
        && marks.mask.is_none()
}

/// The drawing, as large as an image of `width` x `height` pixels; empty where there is nothing to draw.
pub fn svg(marks: &Marks, width: u32, height: u32) -> String {
    if is_empty(marks) {
        return String::new();
    }
    let (w, h) = (width as f32, height as f32);
    let radius = w / 60.0;
    let ring = |(name, [x, y]): &(String, [f32; 2])| {
        format!(
            "<circle cx=\"{:.2}\" cy=\"{:.2}\" r=\"{radius:.2}\"><title>{}</title></circle>",
            x * w,
            y * h,
            escape(name)
        )
    };
    let rings: String = marks.points.iter().map(ring).collect();
    let frame = |(name, [left, top, width, height]): &(String, [f32; 4])| {
        format!(
            "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\"><title>{}</title></rect>",
            left * w,
            top * h,
            width * w,
            height * h,
            escape(name)
        )
    };
    let boxes: String = marks.boxes.iter().map(frame).collect();
    let mask = marks.mask.as_deref().map(|png| mask(png, width, height));
    let mask = mask.unwrap_or_default();
    let arrow = marks.gaze.map(|gaze| arrow(gaze, start(marks), [w, h]));
    format!(
        "<svg class=\"marks\" viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{mask}{boxes}{rings}{}</svg>",
        arrow.unwrap_or_default()
    )
}

/// The mask as large as the image. What is no Base64 would end the attribute that it stands in.
fn mask(png: &str, width: u32, height: u32) -> String {
    let is_base64 = |c: u8| c.is_ascii_alphanumeric() || b"+/=".contains(&c);
    match png.bytes().all(is_base64) {
        true => format!(
            "<image href=\"data:image/png;base64,{png}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\"/>"
        ),
        false => String::new(),
    }
}

/// Where the arrow begins, in parts of width and height: at a point of the eye, or else in the middle.
fn start(marks: &Marks) -> [f32; 2] {
    let named = |name: &&str| marks.points.iter().find(|point| point.0 == *name);
    let found = STARTS.iter().find_map(named);
    found.map_or([0.5, 0.5], |point| point.1)
}

fn arrow([pitch, yaw]: [f32; 2], start: [f32; 2], [w, h]: [f32; 2]) -> String {
    let [x, y, _] = gaze_angle::vector(pitch, yaw);
    let from = [start[0] * w, start[1] * h];
    let to = [from[0] + LENGTH * w * x, from[1] + LENGTH * w * y];
    // The head: two strokes at 150 degrees to the shaft.
    let angle = (to[1] - from[1]).atan2(to[0] - from[0]);
    let stroke = |turn: f32| {
        let (sine, cosine) = (angle + turn).sin_cos();
        format!(
            "M{:.2} {:.2}L{:.2} {:.2}",
            to[0],
            to[1],
            to[0] + w / 20.0 * cosine,
            to[1] + w / 20.0 * sine
        )
    };
    let turn = 150f32.to_radians();
    format!(
        "<path d=\"M{:.2} {:.2}L{:.2} {:.2}{}{}\"><title>gaze</title></path>",
        from[0],
        from[1],
        to[0],
        to[1],
        stroke(turn),
        stroke(-turn)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_point_where_the_eye_looks() {
        let marks = |gaze| Marks {
            gaze: Some(gaze),
            points: vec![("iris".into(), [0.25, 0.5])],
            ..Marks::default()
        };
        // Negative yaw: to the right of the image; negative pitch: down.
        let right = svg(&marks([0.0, -std::f32::consts::FRAC_PI_2]), 100, 50);
        assert!(
            right.contains("<path d=\"M25.00 25.00L85.00 25.00"),
            "{right}"
        );
        let down = svg(&marks([-std::f32::consts::FRAC_PI_2, 0.0]), 100, 50);
        assert!(
            down.contains("<path d=\"M25.00 25.00L25.00 85.00"),
            "{down}"
        );
        assert!(down.contains("<circle cx=\"25.00\" cy=\"25.00\""));
    }

    #[test]
    fn boxes_and_masks_lie_over_the_image() {
        let marks = |mask: &str| Marks {
            boxes: vec![("box".into(), [0.25, 0.5, 0.5, 0.25])],
            mask: Some(mask.into()),
            ..Marks::default()
        };
        let drawn = svg(&marks("iVBO+/=="), 100, 40);
        assert!(drawn.contains("<rect x=\"25.00\" y=\"20.00\" width=\"50.00\" height=\"10.00\">"));
        assert!(drawn.contains("href=\"data:image/png;base64,iVBO+/==\" width=\"100\""));
        assert!(!svg(&marks("\"><script>"), 100, 40).contains("<image"));
    }

    #[test]
    fn nothing_is_drawn_without_labels() {
        assert_eq!(svg(&Marks::default(), 10, 10), "");
    }
}
