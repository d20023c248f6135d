//! The top of the report: verdict, a strip of images, key figures. What a reader sees without scrolling.

use simgan::tasks::comparison::Comparison;

use super::header;
use super::html::{escape, number};
use super::picture::data_uri;
use super::run_data::RunData;
use super::triple::{self, Triple};
use super::unit::unit_name;
use super::verdict::Verdict;
use simgan_base::formats::readable::thousands;

/// Examples of the strip: what fits a laptop's width.
const SHOWN: usize = 5;
/// Rows of the strip, and the colour of each.
const HEAD: [(&str, &str); 3] = [
    ("synthetic", "s1"),
    ("refined", "s2"),
    ("real (others)", "s3"),
];

/// Title, verdict, strip, tiles.
pub fn render(run: &RunData) -> String {
    format!(
        "{}<section class=\"top\">\n{}{}</section>\n{}",
        header::render(run),
        verdict(run),
        strip(run),
        header::tiles_of(run)
    )
}

/// The comparison that the verdict is about: the last by name, so that `comparison-2` goes before `comparison`.
pub fn main_comparison(run: &RunData) -> Option<&(String, Comparison)> {
    run.comparisons.last()
}

fn verdict(run: &RunData) -> String {
    let Some((name, comparison)) = main_comparison(run) else {
        let command = format!(
            "simgan compare --run {} --synthetic DIR --real-test DIR --out DIR",
            run.name
        );
        return format!(
            "<p class=\"verdict\"><b>Not compared yet.</b> Whether refining helps is not known: run <code>{}</code></p>\n",
            escape(&command)
        );
    };
    let unit = unit_name(comparison);
    let verdict = Verdict::of(comparison);
    let which = match run.comparisons.len() {
        1 => String::new(),
        n => format!(" This is the comparison \u{201c}{name}\u{201d}, one of {n}."),
    };
    format!(
        "<p class=\"verdict {}\">{}</p>\n{}",
        verdict.class(),
        escape(&(verdict.sentence(comparison, unit) + &which)),
        figures(comparison, unit),
    )
}

/// Errors in large print, and what else decides.
fn figures(comparison: &Comparison, unit: &str) -> String {
    let change = -comparison.relative_improvement;
    let seeds = (comparison.refined_wins, comparison.seeds.len());
    let mut cells = vec![
        (
            "s1",
            number(comparison.synthetic.mean),
            format!("raw, {unit}"),
        ),
        (
            "s2",
            number(comparison.refined.mean),
            format!("refined, {unit}"),
        ),
        (
            "",
            format!("{change:+.1} %"),
            "change of the mean error".to_owned(),
        ),
        (
            "",
            format!("{} of {}", seeds.0, seeds.1),
            "seeds with a lower error".to_owned(),
        ),
    ];
    if let Some(gap) = comparison.gap_closed(&comparison.refined) {
        let text = "of the gap to real labels closed".to_owned();
        cells.push(("", format!("{:.0} %", 100.0 * gap), text));
    }
    cells.extend(bias(comparison, unit));
    let cell = |(class, value, name): &(&str, String, String)| {
        format!(
            "<div><b class=\"{class}\">{}</b><span>{}</span></div>\n",
            escape(value),
            escape(name)
        )
    };
    let cells: String = cells.iter().map(cell).collect();
    format!("<div class=\"figures\">\n{cells}</div>\n")
}

/// The largest bias of an axis with refined images, beside that with raw ones.
fn bias(comparison: &Comparison, unit: &str) -> Option<(&'static str, String, String)> {
    let (raw, refined) = (
        comparison.synthetic.mean_axes(),
        comparison.refined.mean_axes(),
    );
    let biases = raw.iter().zip(&refined);
    let known = biases.filter_map(|(raw, refined)| Some((&raw.name, raw.bias?, refined.bias?)));
    let largest = known.max_by(|a, b| a.2.abs().total_cmp(&b.2.abs()));
    largest.map(|(name, raw, refined)| {
        let value = format!("{raw:+.2} \u{2192} {refined:+.2}");
        ("", value, format!("bias of {name}, {unit}"))
    })
}

/// A few examples of the last grid at a size one can see; nothing without a grid.
pub fn strip(run: &RunData) -> String {
    let triples = triple::last(run);
    let Some(step) = run
        .grids
        .last()
        .map(|grid| grid.step)
        .filter(|_| !triples.is_empty())
    else {
        return String::new();
    };
    let shown: Vec<&Triple> = triples.iter().take(SHOWN).collect();
    let row = |(place, (name, class)): (usize, &(&str, &str))| {
        let image = |(index, triple): (usize, &&Triple)| {
            let image = [&triple.synthetic, &triple.refined, &triple.real][place];
            format!(
                "<img class=\"n{index}\" alt=\"{name}, example {}\" width=\"{}\" height=\"{}\" src=\"{}\">",
                index + 1,
                image.width(),
                image.height(),
                data_uri(image)
            )
        };
        let images: String = shown.iter().enumerate().map(image).collect();
        format!("<div class=\"row\"><span class=\"{class}\">{name}</span>{images}</div>\n")
    };
    let rows: String = HEAD.iter().enumerate().map(row).collect();
    format!(
        "<div class=\"strip\" role=\"group\" aria-label=\"Examples after {} iterations\">\n{rows}</div>\n",
        thousands(step)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_data::tests::empty;
    use crate::triple::tests::grid;
    use crate::verdict::tests::comparison;

    #[test]
    fn a_run_without_a_comparison_says_how_to_get_one() {
        let page = render(&empty());
        assert!(page.contains("Not compared yet") && page.contains("simgan compare --run"));
        assert!(!page.contains("class=\"strip\""));
    }

    #[test]
    fn the_verdict_has_both_errors_the_change_and_the_seeds() {
        let mut run = empty();
        run.comparisons = vec![("a".into(), comparison(&[10.0, 12.0], &[8.0, 8.5]))];
        let page = verdict(&run);
        for figure in [
            ">11.0<",
            ">8.25<",
            ">-25.0 %<",
            ">2 of 2<",
            "+0.25 \u{2192} +0.25",
        ] {
            assert!(page.contains(figure), "{figure}: {page}");
        }
        assert!(page.contains("verdict better") && !page.contains("gap"));
        let real = comparison(&[5.0, 5.0], &[5.0, 5.0]).synthetic;
        run.comparisons[0].1.references.real = Some(real);
        assert!(verdict(&run).contains(">46 %<"));
    }

    #[test]
    fn the_strip_shows_a_few_examples_of_the_last_grid() {
        let mut run = empty();
        run.config = "[preprocessing]\nheight = 2".parse().unwrap();
        run.grids = vec![grid(8)];
        let strip = strip(&run);
        assert_eq!(strip.matches("<img").count(), 3 * SHOWN);
        assert!(strip.contains("Examples after 7 iterations"));
    }
}
