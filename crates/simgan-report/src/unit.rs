//! How the unit of errors is written.

use simgan::tasks::Unit;
use simgan::tasks::comparison::Comparison;

/// Unit of errors, as people read it.
pub fn unit_name(comparison: &Comparison) -> &'static str {
    let unit = comparison.synthetic.evaluations.first().map(|e| e.unit);
    match unit {
        Some(Unit::Px | Unit::ImagePx) => "px",
        Some(Unit::IouLoss) => "100 - IoU (percent)",
        Some(Unit::Label) => "label units",
        Some(Unit::Percent) => "percent wrong",
        Some(Unit::Deg) | None => "degrees",
    }
}
