//! The few pieces of HTML that the sections are made of. Text is escaped here, and only here.

/// `text` with the characters that mean something in HTML replaced.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A section with a heading; `body` is HTML.
pub fn section(title: &str, body: &str) -> String {
    format!("<section>\n<h2>{}</h2>\n{body}</section>\n", escape(title))
}

/// A paragraph of text.
pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// Says that a part is missing and how to get it.
pub fn missing(text: &str) -> String {
    format!("<p class=\"missing\">{}</p>\n", escape(text))
}

/// A table of text; the first row is the head. Cells after the first of a row are numbers, set right, if `numeric`.
pub fn table<S: AsRef<str>>(head: &[S], rows: &[Vec<String>], numeric: bool) -> String {
    let class = if numeric { " class=\"numeric\"" } else { "" };
    let mut html = format!("<div class=\"scroll\"><table{class}>\n");
    if !head.is_empty() {
        html.push_str("<thead><tr>");
        head.iter()
            .for_each(|cell| html.push_str(&header(cell.as_ref())));
        html.push_str("</tr></thead>\n");
    }
    html.push_str("<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let cell = escape(cell);
            html.push_str(&match index {
                0 => format!("<th scope=\"row\">{cell}</th>"),
                _ => format!("<td>{cell}</td>"),
            });
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// A row of key figures: value above, name below.
pub fn tiles(figures: &[(&str, String)]) -> String {
    let tile = |(name, value): &(&str, String)| {
        format!(
            "<div class=\"tile\"><b>{}</b><span>{}</span></div>\n",
            escape(value),
            escape(name)
        )
    };
    let tiles: String = figures.iter().map(tile).collect();
    format!("<div class=\"tiles\">\n{tiles}</div>\n")
}

/// A number in three significant digits.
pub fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        0.0 => "0".to_owned(),
        s if !s.is_finite() => value.to_string(),
        s if !(1e-3..1e6).contains(&s) => format!("{value:.2e}"),
        s => {
            let decimals = (2 - s.log10().floor() as i32).max(0) as usize;
            format!("{value:.decimals$}")
        }
    }
}

/// A heading of a column. The corner above names of rows has none: it is a plain cell, which readers pass over.
fn header(text: &str) -> String {
    match text {
        "" => "<td></td>".to_owned(),
        _ => format!("<th scope=\"col\">{}</th>", escape(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_element() {
        assert_eq!(
            escape("<img src='x' onerror=\"y\"> & co"),
            "&lt;img src=&#39;x&#39; onerror=&quot;y&quot;&gt; &amp; co"
        );
        let html = table(&["<a>"], &[vec!["<b>".into(), "<c>".into()]], false);
        assert!(!html.contains("<a>") && !html.contains("<b>") && !html.contains("<c>"));
    }

    #[test]
    fn numbers_have_three_digits() {
        let cases = [
            (0.0, "0"),
            (0.123_45, "0.123"),
            (12.345, "12.3"),
            (1234.6, "1235"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(number(0.000_123_4), "1.23e-4");
        assert_eq!(number(f64::NAN), "NaN");
    }
}
