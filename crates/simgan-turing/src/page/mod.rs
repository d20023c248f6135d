//! The page that subjects see: the same files served, and in a folder.
//!
//! In a folder nothing can be asked of a program, so that the images of every form stand in a
//! script, answers are kept by the browser, and a subject sends a file of them back. Neither way
//! does the page know what an image is before the end, but for the examples.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use simgan_base::files::{disk, output_folder};
use simgan_base::{Error, Result};

use crate::choice::{Choice, RoundName};
use crate::form::{Form, Round};
use crate::gallery::{Gallery, Picture};
use crate::plan::Plan;

/// The files of the page that are the same for every test: name, media type, text.
pub(crate) const FILES: [(&str, &str, &str); 4] = [
    (
        "index.html",
        "text/html; charset=utf-8",
        include_str!("index.html"),
    ),
    (
        "style.css",
        "text/css; charset=utf-8",
        include_str!("style.css"),
    ),
    (
        "answers.js",
        "text/javascript; charset=utf-8",
        include_str!("answers.js"),
    ),
    (
        "page.js",
        "text/javascript; charset=utf-8",
        include_str!("page.js"),
    ),
];

/// A form as the page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct FormView {
    /// [`Plan::id`].
    test: String,
    /// Number of the form.
    form: usize,
    rounds: Vec<RoundView>,
}

#[derive(Debug, Serialize)]
struct RoundView {
    name: RoundName,
    examples: Vec<ExampleView>,
    /// Address of each image to decide on.
    trials: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ExampleView {
    kind: Choice,
    src: String,
}

/// Where an image stands in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Among the examples.
    Example(usize),
    /// Among those to decide on.
    Trial(usize),
}

impl FormView {
    /// The view of `form`, whose images are at the addresses `src(round, place)`.
    pub(crate) fn new(
        plan: &Plan,
        (number, form): (usize, &Form),
        src: &dyn Fn(usize, Place) -> String,
    ) -> Self {
        let round = |(index, round): (usize, &Round)| RoundView {
            name: round.name,
            examples: (round.examples.iter().enumerate())
                .map(|(place, shown)| ExampleView {
                    kind: shown.kind.right_choice(),
                    src: src(index, Place::Example(place)),
                })
                .collect(),
            trials: (0..round.trials.len())
                .map(|place| src(index, Place::Trial(place)))
                .collect(),
        };
        Self {
            test: plan.id(),
            form: number,
            rounds: form.rounds.iter().enumerate().map(round).collect(),
        }
    }
}

/// The image at a place of `form`; `None` where there is none.
pub(crate) fn picture<'a>(
    gallery: &'a Gallery,
    form: &Form,
    round: usize,
    place: Place,
) -> Option<&'a Picture> {
    let round = form.rounds.get(round)?;
    let shown = match place {
        Place::Example(index) => round.examples.get(index)?,
        Place::Trial(index) => round.trials.get(index)?,
    };
    gallery.picture(*shown)
}

/// Writes the page with `forms` forms into the new or empty folder `path`, whole or not at all.
///
/// # Errors
/// The folder is taken or cannot be written.
pub fn write_page(path: &Path, plan: &Plan, gallery: &Gallery, forms: usize) -> Result<()> {
    output_folder::fill(path, |folder| {
        for (name, _, text) in FILES {
            disk::write(&folder.join(name), text)?;
        }
        let settings = format!("const FORMS = {forms};\n");
        disk::write(&folder.join("forms.js"), settings)?;
        (0..forms).try_for_each(|number| {
            let script = form_script(plan, gallery, number)?;
            disk::write(&folder.join(format!("form-{}.js", number + 1)), script)
        })
    })
}

/// A script that hands a form, its images inside, to the page.
fn form_script(plan: &Plan, gallery: &Gallery, number: usize) -> Result<String> {
    let form = plan.form(number)?;
    let src = |round: usize, place: Place| {
        let bmp = picture(gallery, &form, round, place).map_or(&[][..], |p| &p.bmp);
        format!("data:image/bmp;base64,{}", STANDARD.encode(bmp))
    };
    let view = FormView::new(plan, (number, &form), &src);
    let json = serde_json::to_string(&view)
        .map_err(|e| Error::data(format!("a form cannot be written as JSON: {e}")))?;
    Ok(format!("window.formLoaded({json});\n"))
}
