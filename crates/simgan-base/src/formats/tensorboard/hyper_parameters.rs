//! What TensorBoard's page of hyper-parameters reads: three entries whose `metadata` holds the message of a plugin.
//!
//! ```text
//! SummaryMetadata  { plugin_data: { plugin_name: string = 1, content: bytes = 2 } = 1 }
//! HParamsPluginData { version: int32 = 1, experiment = 2 | session_start_info = 3 | session_end_info = 4 }
//! Experiment       { time_created_secs: double = 3, hparam_infos: repeated HParamInfo = 4,
//!                    metric_infos: repeated MetricInfo = 5 }
//! HParamInfo       { name: string = 1, type: enum = 4 }
//! MetricInfo       { name: { group: string = 1, tag: string = 2 } = 1 }
//! SessionStartInfo { hparams: map<string, Value> = 1, start_time_secs: double = 5 }
//! SessionEndInfo   { status: enum = 1, end_time_secs: double = 2 }
//! ```
//!
//! Source: `tensorboard/plugins/hparams/api.proto` and `plugin_data.proto` of TensorBoard.

use toml::{Table, Value};

use super::message::Message;

/// The value of a hyper-parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// A number.
    Number(f64),
    /// A text; lists are texts, too.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

/// How a run ended; the numbers are those of the plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It came to its end.
    Success = 1,
    /// It failed.
    Failure = 2,
}

/// All values of a configuration, by their dotted keys, in its order.
pub fn flattened(config: &Table) -> Vec<(String, Parameter)> {
    let mut found = Vec::new();
    collect(config, "", &mut found);
    found
}

fn collect(table: &Table, prefix: &str, found: &mut Vec<(String, Parameter)>) {
    for (key, value) in table {
        let name = format!("{prefix}{key}");
        let parameter = match value {
            Value::Table(inner) => {
                collect(inner, &format!("{name}."), found);
                continue;
            }
            Value::Integer(number) => Parameter::Number(*number as f64),
            Value::Float(number) => Parameter::Number(*number),
            Value::Boolean(flag) => Parameter::Flag(*flag),
            Value::String(text) => Parameter::Text(text.clone()),
            other => Parameter::Text(other.to_string()),
        };
        found.push((name, parameter));
    }
}

/// What there is to choose and to look at.
pub(super) fn experiment(
    parameters: &[(String, Parameter)],
    metrics: &[&str],
    seconds: f64,
) -> Message {
    let mut experiment = Message::default();
    experiment.double(3, seconds);
    for (name, parameter) in parameters {
        let mut info = Message::default();
        info.bytes(1, name.as_bytes());
        info.integer(4, parameter.type_number());
        experiment.message(4, &info);
    }
    for metric in metrics {
        let (mut name, mut info) = (Message::default(), Message::default());
        name.bytes(2, metric.as_bytes());
        info.message(1, &name);
        experiment.message(5, &info);
    }
    entry("_hparams_/experiment", 2, &experiment)
}

/// What this run chose.
pub(super) fn session_start(parameters: &[(String, Parameter)], seconds: f64) -> Message {
    let mut start = Message::default();
    for (name, parameter) in parameters {
        let mut pair = Message::default();
        pair.bytes(1, name.as_bytes());
        pair.message(2, &parameter.value());
        start.message(1, &pair);
    }
    start.double(5, seconds);
    entry("_hparams_/session_start_info", 3, &start)
}

/// How this run ended.
pub(super) fn session_end(status: Status, seconds: f64) -> Message {
    let mut end = Message::default();
    end.integer(1, status as u64);
    end.double(2, seconds);
    entry("_hparams_/session_end_info", 4, &end)
}

/// A summary's entry that carries `content` to the plugin.
fn entry(tag: &str, field: u8, content: &Message) -> Message {
    let [mut data, mut plugin, mut metadata, mut entry] = [(); 4].map(|()| Message::default());
    data.message(field, content);
    plugin.bytes(1, b"hparams");
    plugin.message(2, &data);
    metadata.message(1, &plugin);
    entry.bytes(1, tag.as_bytes());
    entry.message(9, &metadata);
    entry
}

impl Parameter {
    /// Of the plugin's `DataType`.
    fn type_number(&self) -> u64 {
        match self {
            Self::Text(_) => 1,
            Self::Flag(_) => 2,
            Self::Number(_) => 3,
        }
    }

    /// As a `google.protobuf.Value`.
    fn value(&self) -> Message {
        let mut value = Message::default();
        match self {
            Self::Number(number) => value.double(2, *number),
            Self::Text(text) => value.bytes(3, text.as_bytes()),
            Self::Flag(flag) => value.integer(4, u64::from(*flag)),
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::reading::{Field, decode, field, nested};
    use super::*;

    fn parameters() -> Vec<(String, Parameter)> {
        let config =
            "seed = 3\n[refiner]\nblocks = 4\nwide = true\nscope = \"local\"\nrange = [1, 2.5]\n";
        flattened(&config.parse().unwrap())
    }

    #[test]
    fn a_configuration_is_flattened() {
        let expected = [
            ("refiner.blocks", Parameter::Number(4.0)),
            ("refiner.range", Parameter::Text("[1, 2.5]".into())),
            ("refiner.scope", Parameter::Text("local".into())),
            ("refiner.wide", Parameter::Flag(true)),
            ("seed", Parameter::Number(3.0)),
        ];
        let mut found = parameters();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(
            found,
            expected.map(|(name, value)| (name.to_owned(), value))
        );
    }

    /// What the plugin is handed in an entry.
    fn content(entry: &Message, tag: &str, number: u8) -> Vec<u8> {
        assert_eq!(nested(&entry.0, 1), tag.as_bytes());
        let plugin = nested(&nested(&entry.0, 9), 1);
        assert_eq!(nested(&plugin, 1), b"hparams");
        nested(&nested(&plugin, 2), number)
    }

    #[test]
    fn the_experiment_names_parameters_and_metrics() {
        let entry = experiment(&parameters(), &["compare/refined"], 5.0);
        let experiment = content(&entry, "_hparams_/experiment", 2);
        assert_eq!(field(&experiment, 3), Field::Double(3, 5.0));
        assert_eq!(decode(&experiment).len(), 1 + 5 + 1);
        let metric = nested(&nested(&experiment, 5), 1);
        assert_eq!(nested(&metric, 2), b"compare/refined");
    }

    #[test]
    fn a_session_has_its_values() {
        let blocks = [("refiner.blocks".to_owned(), Parameter::Number(4.0))];
        let start = content(
            &session_start(&blocks, 5.0),
            "_hparams_/session_start_info",
            3,
        );
        let pair = nested(&start, 1);
        assert_eq!(nested(&pair, 1), b"refiner.blocks");
        assert_eq!(decode(&nested(&pair, 2)), [Field::Double(2, 4.0)]);
        let end = content(
            &session_end(Status::Success, 6.0),
            "_hparams_/session_end_info",
            4,
        );
        assert_eq!(decode(&end), [Field::Integer(1, 1), Field::Double(2, 6.0)]);
    }
}
