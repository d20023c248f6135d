//! Whether colours are wanted, also before the command line has been understood.

use std::ffi::{OsStr, OsString};

use clap::Parser;

use crate::args::ColorChoice;

/// The command line; what is wrong with it is told in the colours that it asks for.
pub fn parse<P: Parser>() -> P {
    let choice = match of_arguments(std::env::args_os()) {
        ColorChoice::Auto => clap::ColorChoice::Auto,
        ColorChoice::Always => clap::ColorChoice::Always,
        ColorChoice::Never => clap::ColorChoice::Never,
    };
    let matches = P::command().color(choice).get_matches();
    P::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// What `--color` says, the last one if there are several.
fn of_arguments(arguments: impl Iterator<Item = OsString>) -> ColorChoice {
    let (mut choice, mut is_value) = (ColorChoice::Auto, false);
    for argument in arguments.take_while(|argument| argument != "--") {
        let argument = argument.to_string_lossy();
        let value = match is_value {
            true => Some(argument.as_ref()),
            false => argument.strip_prefix("--color="),
        };
        choice = match value {
            Some("always") => ColorChoice::Always,
            Some("never") => ColorChoice::Never,
            Some("auto") => ColorChoice::Auto,
            _ => choice,
        };
        is_value = argument == "--color";
    }
    choice
}

/// Whether stderr shows colours and moves its cursor: a terminal that is not `dumb`.
pub fn is_capable(terminal: bool, term: Option<&OsStr>) -> bool {
    terminal && term.is_none_or(|term| term != "dumb")
}

/// Whether messages are coloured, on a terminal that [is capable](is_capable) or not.
pub fn is_wanted(choice: ColorChoice, capable: bool, no_color: Option<&OsStr>) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => capable && no_color.is_none_or(OsStr::is_empty),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_option_counts() {
        let of = |text: &str| of_arguments(text.split(' ').map(OsString::from));
        assert_eq!(of("simgan train --stepz"), ColorChoice::Auto);
        assert_eq!(of("simgan --color never train --stepz"), ColorChoice::Never);
        assert_eq!(
            of("simgan --color=never --color always"),
            ColorChoice::Always
        );
        assert_eq!(of("simgan -- --color never"), ColorChoice::Auto);
        assert_eq!(of("simgan --color"), ColorChoice::Auto);
    }

    #[test]
    fn dumb_terminals_and_files_have_no_colours_unless_asked_for() {
        let [dumb, xterm] = ["dumb", "xterm"].map(OsStr::new);
        assert!(is_capable(true, Some(xterm)) && is_capable(true, None));
        assert!(!is_capable(true, Some(dumb)) && !is_capable(false, Some(xterm)));
        assert!(is_wanted(ColorChoice::Auto, true, None));
        assert!(is_wanted(ColorChoice::Auto, true, Some(OsStr::new(""))));
        assert!(!is_wanted(ColorChoice::Auto, true, Some(OsStr::new("1"))));
        assert!(!is_wanted(ColorChoice::Auto, false, None));
        assert!(is_wanted(ColorChoice::Always, false, None));
        assert!(!is_wanted(ColorChoice::Never, true, None));
    }
}
