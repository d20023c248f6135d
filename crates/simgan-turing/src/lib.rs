//! The visual Turing test (paper, section 3.1 and Table 1): can people tell refined images from
//! real ones?
//!
//! A subject sees labelled examples all the time and says of one image after another whether it is
//! real or synthetic; nothing tells whether the answer was right. A control round asks the same of
//! synthetic images as they were before refining. A [`Plan`] fixes the test, a [`Form`] is what one
//! subject is shown, a [`TestFolder`] keeps plan and answers, [`Results`] say what they show. The
//! page is served on the local address (feature `server`) or [written](write_page) into a folder.
//!
//! ```
//! use simgan_turing::statistics::{one_sided, wilson};
//!
//! // The paper's Table 1: 517 right answers of 1,000.
//! assert_eq!(format!("{:.3}", one_sided(517, 1000)), "0.148");
//! let [low, high] = wilson(517, 1000);
//! assert!(low < 0.5 && 0.5 < high);
//! ```

mod answer_file;
mod choice;
mod csv_file;
mod form;
mod gallery;
mod page;
mod plan;
mod results;
mod results_table;
#[cfg(feature = "server")]
pub mod server;
mod session;
pub mod statistics;
mod test_folder;

pub use answer_file::AnswerFile;
pub use choice::{Choice, Kind, RoundName};
pub use csv_file::answers_csv;
pub use form::{Form, Round, Shown, TestOptions};
pub use gallery::{Gallery, Picture};
pub use page::write_page;
pub use plan::{Machine, MachineAnswers, Plan};
pub use results::{Confusion, Results, RoundResults, Score};
pub use session::{Answer, Session};
pub use test_folder::TestFolder;
