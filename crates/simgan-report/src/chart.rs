//! Charts as SVG inside the page, in colours that follow the page's light or dark scheme.
//!
//! The drawing library knows fixed colours only, so charts are drawn in the marker colours below and
//! `style.css` gives each marker its real colour. [`export`](super::export) does so in files of their own.

use std::io;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::axis::{extent, is_logarithmic, padded, tick};
use super::html::{escape, missing};
use super::log_axis::LogAxis;

/// Width and height of a chart in pixels.
pub const SIZE: (u32, u32) = (640, 300);
const TEXT: RGBColor = RGBColor(1, 1, 1);
const AXIS: RGBColor = RGBColor(2, 2, 2);
const GRID: RGBColor = RGBColor(3, 3, 3);
/// Lines, by their red, and their limits.
const SERIES: [u8; 7] = [11, 12, 13, 14, 15, 16, 17];
const LINE: fn(u8) -> RGBColor = |series| RGBColor(series, 1, 1);
const LIMIT: fn(u8) -> RGBColor = |series| RGBColor(series, 2, 1);
/// More points than this are averaged in groups.
const MOST_POINTS: usize = 500;
/// How much of a band, and of dots over one another, covers what is below.
const BAND: f64 = 0.18;
const DOTS: f64 = 0.45;

/// What raw synthetic images, refined and real ones are drawn in, everywhere.
pub const RAW: usize = 0;
/// See [`RAW`].
pub const REFINED: usize = 1;
/// See [`RAW`].
pub const REAL: usize = 2;

/// A named line, or a cloud of dots.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Name in the legend.
    pub name: String,
    /// Points by increasing x.
    pub points: Vec<(f64, f64)>,
    /// Value beyond which the training warns, drawn dashed.
    pub limit: Option<f64>,
    /// `(x, low, high)` by increasing x: an area behind the line.
    pub band: Vec<(f64, f64, f64)>,
    /// Whether points are dots, not a line.
    pub dots: bool,
    /// Which of the six colours; `None`: that of its place.
    pub color: Option<usize>,
}

/// A chart of up to six lines over a common x axis.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Caption.
    pub title: String,
    /// What x is.
    pub x_label: String,
    /// What y is, with its unit.
    pub y_label: String,
    /// Fixed y range; found from the values if `None`.
    pub y_range: Option<Range<f64>>,
    /// The lines; those without a finite point are left out.
    pub lines: Vec<Line>,
}

impl Chart {
    /// The lines that can be drawn, each with its colour.
    pub fn drawn(&self) -> Vec<Line> {
        let lines = self.lines.iter().map(Line::thinned);
        let mut lines: Vec<Line> = lines.filter(|line| !line.points.is_empty()).collect();
        for (place, line) in lines.iter_mut().enumerate() {
            let color = line.color.unwrap_or(place);
            line.color = Some(color % SERIES.len());
        }
        lines
    }

    /// The chart as a `<figure>`; nothing where there is nothing to draw.
    pub fn render(&self) -> String {
        let lines = self.drawn();
        if lines.is_empty() {
            return String::new();
        }
        let drawing = self
            .draw(&lines)
            .unwrap_or_else(|e| missing(&format!("chart cannot be drawn: {e}")));
        // What a screen reader says of it.
        let drawing = drawing.replacen(
            "<svg ",
            &format!("<svg role=\"img\" aria-label=\"{}\" ", escape(&self.title)),
            1,
        );
        format!(
            "<figure>\n<figcaption><b>{}</b>{}</figcaption>\n<div class=\"chart\">{drawing}</div>\n</figure>\n",
            escape(&self.title),
            legend(&lines),
        )
    }

    /// The drawing of `lines`, which [`drawn`](Self::drawn) gave, in marker colours.
    pub fn draw(&self, lines: &[Line]) -> Drawn<String> {
        let x = extent(lines.iter().flat_map(|l| l.points.iter().map(|p| p.0)));
        let values = || lines.iter().flat_map(Line::values);
        let limits = lines.iter().filter_map(|l| l.limit);
        let y = extent(values().chain(limits));
        let x = if x.start < x.end {
            x
        } else {
            x.start - 1.0..x.end + 1.0
        };
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            match &self.y_range {
                Some(range) => self.plot(&root, x, range.clone(), lines)?,
                None if is_logarithmic(&extent(values())) => {
                    self.plot(&root, x, LogAxis(y.start * 0.8..y.end * 1.25), lines)?;
                }
                None => self.plot(&root, x, padded(&y), lines)?,
            }
            root.present()?;
        }
        Ok(svg)
    }

    fn plot<Y>(
        &self,
        root: &DrawingArea<SVGBackend<'_>, Shift>,
        x: Range<f64>,
        y: Y,
        lines: &[Line],
    ) -> Drawn<()>
    where
        Y: AsRangedCoord<Value = f64>,
        Y::CoordDescType: ValueFormatter<f64> + Ranged<ValueType = f64>,
    {
        let ends = [x.start, x.end];
        let mut chart = ChartBuilder::on(root)
            .margin(8)
            .margin_right(18)
            .x_label_area_size(46)
            .y_label_area_size(70)
            .build_cartesian_2d::<Range<f64>, Y>(x, y)?;
        mesh(&mut chart, self)?;
        for line in lines {
            let series = line.series();
            let color = LINE(series);
            let points = line.points.iter().copied();
            if line.dots {
                let dot = |point| Circle::new(point, 2, color.mix(DOTS).filled());
                chart.draw_series(points.map(dot))?;
                continue;
            }
            if let Some(outline) = line.outline() {
                chart.draw_series([Polygon::new(outline, color.mix(BAND))])?;
            }
            chart.draw_series(LineSeries::new(points, color.stroke_width(2)))?;
            if let Some(limit) = line.limit {
                let points = ends.map(|x| (x, limit));
                chart.draw_series(LineSeries::new(points, LIMIT(series).stroke_width(2)))?;
            }
            if let [point] = line.points[..] {
                chart.draw_series([Circle::new(point, 4, color.filled())])?;
            }
        }
        Ok(())
    }
}

/// What drawing gives.
pub type Drawn<T> = Result<T, DrawingAreaErrorKind<io::Error>>;
type Plane<Y> = Cartesian2d<RangedCoordf64, Y>;

fn mesh<Y>(chart: &mut ChartContext<'_, SVGBackend<'_>, Plane<Y>>, labels: &Chart) -> Drawn<()>
where
    Y: ValueFormatter<f64> + Ranged<ValueType = f64>,
{
    let text = ("sans-serif", 16).into_font().color(&TEXT);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .max_light_lines(0)
        .bold_line_style(GRID)
        .axis_style(AXIS)
        .label_style(text.clone())
        .axis_desc_style(text)
        .x_desc(labels.x_label.clone())
        .y_desc(labels.y_label.clone())
        .x_labels(8)
        .y_labels(6)
        .x_label_formatter(&|v| tick(*v))
        .y_label_formatter(&|v| tick(*v))
        .draw()?;
    Ok(())
}

impl Line {
    /// The line through `points`.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self {
            name: name.into(),
            points,
            ..Self::default()
        }
    }

    /// In one of the six colours, as [`RAW`].
    #[must_use]
    pub fn colored(mut self, color: usize) -> Self {
        self.color = Some(color);
        self
    }

    /// Red of its marker colours.
    pub fn series(&self) -> u8 {
        SERIES[self.color.unwrap_or(0) % SERIES.len()]
    }

    /// All that the y axis has to hold, but for the limit.
    fn values(&self) -> impl Iterator<Item = f64> {
        let band = self.band.iter().flat_map(|&(_, low, high)| [low, high]);
        self.points.iter().map(|point| point.1).chain(band)
    }

    /// The edge of the band.
    fn outline(&self) -> Option<Vec<(f64, f64)>> {
        let finite = |b: &&(f64, f64, f64)| b.0.is_finite() && b.1.is_finite() && b.2.is_finite();
        let band: Vec<_> = self.band.iter().filter(finite).collect();
        let upper = band.iter().map(|&&(x, _, high)| (x, high));
        let lower = band.iter().rev().map(|&&(x, low, _)| (x, low));
        (band.len() > 1).then(|| upper.chain(lower).collect())
    }

    /// This line with at most [`MOST_POINTS`] points, each the mean of a group; values that are not finite left out.
    fn thinned(&self) -> Self {
        let finite: Vec<(f64, f64)> = self
            .points
            .iter()
            .copied()
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        if self.dots {
            return Self {
                points: finite,
                ..self.clone()
            };
        }
        let group = finite.len().div_ceil(MOST_POINTS).max(1);
        let mean = |group: &[(f64, f64)]| {
            let n = group.len() as f64;
            let sum = group
                .iter()
                .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
            (sum.0 / n, sum.1 / n)
        };
        Self {
            points: finite.chunks(group).map(mean).collect(),
            ..self.clone()
        }
    }
}

fn legend(lines: &[Line]) -> String {
    let limited = lines.iter().any(|line| line.limit.is_some());
    if lines.len() < 2 && !limited {
        return String::new();
    }
    let entry = |line: &Line| {
        format!(
            "<span><i class=\"s{}\"></i>{}</span>",
            line.color.unwrap_or(0) + 1,
            escape(&line.name)
        )
    };
    let mut entries: String = lines.iter().map(entry).collect();
    if limited {
        entries += "<span><i class=\"limit\"></i>beyond it training warns</span>";
    }
    format!("<span class=\"legend\">{entries}</span>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> String {
        let line = Line::new("a < b", points);
        Chart {
            title: "t".into(),
            x_label: "x".into(),
            y_label: "y".into(),
            y_range: None,
            lines: vec![line],
        }
        .render()
    }

    #[test]
    fn any_values_can_be_drawn() {
        assert_eq!(chart(vec![]), "");
        assert_eq!(chart(vec![(1.0, f64::NAN)]), "");
        let cases = [
            vec![(1.0, 0.5)],
            vec![(1.0, 0.0), (2.0, 0.0)],
            vec![(1.0, 1e-6), (2.0, 1e3), (3.0, f64::INFINITY)],
            vec![(1.0, -5.0), (2.0, 1e9)],
            (0..5000)
                .map(|i| (f64::from(i), 1.0 / f64::from(i + 1)))
                .collect(),
        ];
        for points in cases {
            let html = chart(points);
            assert!(html.contains("<svg") && html.contains("</svg>"), "{html}");
        }
    }

    #[test]
    fn long_lines_are_thinned_and_keep_their_mean() {
        let points = (0..2000).map(|i| (f64::from(i), f64::from(i % 4)));
        let line = Line::new("", points.collect());
        let thin = line.thinned();
        assert_eq!(thin.points.len(), MOST_POINTS);
        assert!(thin.points.iter().all(|p| p.1 == 1.5));
    }

    #[test]
    fn bands_and_dots_are_drawn_in_the_colour_of_their_line() {
        let points = vec![(0.0, 1.0), (1.0, 2.0)];
        let band = Line {
            band: vec![(0.0, 0.5, 1.5), (1.0, 1.5, 2.5)],
            ..Line::new("a", points.clone())
        };
        let dots = Line {
            dots: true,
            ..Line::new("b", points).colored(REAL)
        };
        let html = Chart {
            lines: vec![band, dots],
            ..Chart::default()
        }
        .render();
        assert!(
            html.contains("<polygon opacity=\"0.18\" fill=\"#0B0101\""),
            "{html}"
        );
        assert_eq!(html.matches("opacity=\"0.45\" fill=\"#0D0101\"").count(), 2);
        assert!(html.contains("class=\"s1\"></i>a") && html.contains("class=\"s3\"></i>b"));
    }
}
