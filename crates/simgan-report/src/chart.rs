//! Line charts as SVG inside the page, in colours that follow the page's light or dark scheme.
//!
//! The drawing library knows fixed colours only, so charts are drawn in the marker colours below and
//! `style.css` gives each marker its real colour.

use std::io;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::axis::{extent, is_logarithmic, padded, tick};
use super::html::{escape, missing};
use super::log_axis::LogAxis;

const SIZE: (u32, u32) = (640, 300);
const TEXT: RGBColor = RGBColor(1, 1, 1);
const AXIS: RGBColor = RGBColor(2, 2, 2);
const GRID: RGBColor = RGBColor(3, 3, 3);
/// Lines, by their red, and their limits.
const SERIES: [u8; 6] = [11, 12, 13, 14, 15, 16];
const LINE: fn(u8) -> RGBColor = |series| RGBColor(series, 1, 1);
const LIMIT: fn(u8) -> RGBColor = |series| RGBColor(series, 2, 1);
/// More points than this are averaged in groups.
const MOST_POINTS: usize = 500;

/// A named line.
#[derive(Debug)]
pub struct Line {
    /// Name in the legend.
    pub name: String,
    /// Points by increasing x.
    pub points: Vec<(f64, f64)>,
    /// Value beyond which the training warns, drawn dashed.
    pub limit: Option<f64>,
}

/// A chart of up to six lines over a common x axis.
#[derive(Debug)]
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
    /// The chart as a `<figure>`; a sentence where there is nothing to draw.
    pub fn render(&self) -> String {
        let lines: Vec<Line> = self.lines.iter().map(Line::thinned).collect();
        let lines: Vec<&Line> = lines
            .iter()
            .filter(|line| !line.points.is_empty())
            .collect();
        if lines.is_empty() {
            return String::new();
        }
        let drawing = self
            .draw(&lines)
            .unwrap_or_else(|e| missing(&format!("chart cannot be drawn: {e}")));
        format!(
            "<figure>\n<figcaption><b>{}</b>{}</figcaption>\n<div class=\"chart\">{drawing}</div>\n</figure>\n",
            escape(&self.title),
            legend(&lines),
        )
    }

    fn draw(&self, lines: &[&Line]) -> Drawn<String> {
        let x = extent(lines.iter().flat_map(|l| l.points.iter().map(|p| p.0)));
        let values = || lines.iter().flat_map(|l| l.points.iter().map(|p| p.1));
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
        lines: &[&Line],
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
        for (line, series) in lines.iter().zip(SERIES) {
            let color = LINE(series);
            let points = line.points.iter().copied();
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

type Drawn<T> = Result<T, DrawingAreaErrorKind<io::Error>>;
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
    /// This line with at most [`MOST_POINTS`] points, each the mean of a group; values that are not finite left out.
    fn thinned(&self) -> Self {
        let finite: Vec<(f64, f64)> = self
            .points
            .iter()
            .copied()
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        let group = finite.len().div_ceil(MOST_POINTS).max(1);
        let mean = |group: &[(f64, f64)]| {
            let n = group.len() as f64;
            let sum = group
                .iter()
                .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
            (sum.0 / n, sum.1 / n)
        };
        Self {
            name: self.name.clone(),
            points: finite.chunks(group).map(mean).collect(),
            limit: self.limit,
        }
    }
}

fn legend(lines: &[&Line]) -> String {
    let limited = lines.iter().any(|line| line.limit.is_some());
    if lines.len() < 2 && !limited {
        return String::new();
    }
    let entry = |(index, line): (usize, &&Line)| {
        format!(
            "<span><i class=\"s{}\"></i>{}</span>",
            index + 1,
            escape(&line.name)
        )
    };
    let mut entries: String = lines.iter().enumerate().map(entry).collect();
    if limited {
        entries += "<span><i class=\"limit\"></i>beyond it training warns</span>";
    }
    format!("<span class=\"legend\">{entries}</span>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> String {
        let line = Line {
            name: "a < b".into(),
            points,
            limit: None,
        };
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
        let line = Line {
            name: String::new(),
            points: (0..2000)
                .map(|i| (f64::from(i), f64::from(i % 4)))
                .collect(),
            limit: None,
        };
        let thin = line.thinned();
        assert_eq!(thin.points.len(), MOST_POINTS);
        assert!(thin.points.iter().all(|p| p.1 == 1.5));
    }
}
