//! How an export is used.

use crate::description::Description;

/// The section on use: what goes in and comes out, then how to load it.
pub(crate) fn usage(description: &Description, loading: &str) -> String {
    let (input, output) = (&description.input, &description.output);
    let steps = description.preparation.iter().enumerate();
    let steps = steps.map(|(index, step)| format!("{}. {step}\n", index + 1));
    format!(
        "\n## Use\n\nBefore an image goes in:\n\n{}\nIn: `{}`, {}. Out: `{}`, {}.\n\n{loading}",
        steps.collect::<String>(),
        input.name,
        input.meaning,
        output.name,
        output.meaning
    )
}
