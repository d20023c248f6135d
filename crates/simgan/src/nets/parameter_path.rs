//! Names of parameters.

/// Name of a parameter while visiting a module: `blocks.0.convolution_1.weight`. Names of enum
/// variants are left out, so that they are those a PyTorch module of the same fields has.
#[derive(Clone, Debug, Default)]
pub struct ParameterPath(Vec<String>);

impl ParameterPath {
    /// To be called by `enter_module`.
    pub fn enter(&mut self, name: &str, container_type: &str) {
        if !is_enum(container_type) {
            self.0.push(name.to_owned());
        }
    }

    /// To be called by `exit_module`.
    pub fn exit(&mut self, container_type: &str) {
        if !is_enum(container_type) {
            self.0.pop();
        }
    }

    /// The name, parts joined by dots.
    pub fn name(&self) -> String {
        self.0.join(".")
    }
}

fn is_enum(container_type: &str) -> bool {
    container_type.starts_with("Enum:")
}
