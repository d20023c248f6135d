//! What the processes of a training do together.

use std::fmt;
use std::rc::Rc;

use crate::parallel::{Communicator, Share};
use simgan_base::files::sha256;
use simgan_base::{Error, Result};

/// Numbers up to which a sum takes one round of messages, in which everybody receives everything.
const SMALL: usize = 4096;

/// All processes of a training, as one of them sees them. One process alone sends no messages and does no arithmetic.
#[derive(Clone, Default)]
pub struct ProcessGroup {
    others: Option<Rc<dyn Communicator>>,
}

impl fmt::Debug for ProcessGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} of {}", self.rank(), self.size())
    }
}

impl ProcessGroup {
    /// One process.
    pub fn alone() -> Self {
        Self::default()
    }

    /// The processes that `communicator` connects.
    pub fn of(communicator: impl Communicator + 'static) -> Self {
        let several = communicator.size() > 1;
        Self {
            others: several.then(|| Rc::new(communicator) as Rc<dyn Communicator>),
        }
    }

    /// Number of this process, from 0.
    pub fn rank(&self) -> usize {
        self.others.as_ref().map_or(0, |others| others.rank())
    }

    /// Number of processes.
    pub fn size(&self) -> usize {
        self.others.as_ref().map_or(1, |others| others.size())
    }

    /// Whether there is no other process.
    pub fn is_alone(&self) -> bool {
        self.others.is_none()
    }

    /// Whether this is the process that speaks and writes.
    pub fn is_first(&self) -> bool {
        self.rank() == 0
    }

    /// The part of every mini-batch that this process computes.
    pub fn share(&self) -> Share {
        Share::new(self.rank(), self.size())
    }

    /// Refuses mini-batches of `batch_size` images that cannot be shared: each half is divided among the processes.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config).
    pub fn check_batch_size(&self, batch_size: usize) -> Result<()> {
        let size = self.size();
        if batch_size.is_multiple_of(2 * size) {
            return Ok(());
        }
        let next = batch_size.next_multiple_of(2 * size);
        let message = format!(
            "`training.batch_size` is {batch_size}, which {size} processes cannot share: each half of a mini-batch is divided among them"
        );
        Err(Error::config(message).with_hint(format!(
            "set training.batch_size={next}, or start a number of processes that divides {}",
            batch_size / 2
        )))
    }

    /// Everybody's `own`, by rank.
    ///
    /// # Errors
    /// Another process has gone.
    pub fn gather(&self, own: Vec<f32>) -> Result<Vec<f32>> {
        let Some(others) = &self.others else {
            return Ok(own);
        };
        let mut all = vec![0.0; own.len() * others.size()];
        others.all_gather(&own, &mut all)?;
        Ok(all)
    }

    /// Replaces `values` by their means over all processes. Sums are taken in the order of ranks, so that all processes have the
    /// same bits, every time.
    ///
    /// # Errors
    /// Another process has gone.
    pub fn average(&self, values: &mut [f32]) -> Result<()> {
        let Some(others) = &self.others else {
            return Ok(());
        };
        match values.len() <= SMALL {
            true => average_of_all(&**others, values),
            false => average_by_blocks(&**others, values),
        }
    }

    /// The largest of everybody's `value`, at most 2^24. Nobody goes on before all have come here.
    ///
    /// # Errors
    /// Another process has gone.
    pub fn largest(&self, value: u32) -> Result<u32> {
        let all = self.gather(vec![value as f32])?;
        Ok(all.into_iter().fold(0.0, f32::max) as u32)
    }

    /// Refuses to go on where processes do not have the same `bytes`, which are `what` they are in the error.
    ///
    /// # Errors
    /// Of kind [`Training`](simgan_base::ErrorKind::Training): names the processes that differ from the first one.
    pub fn require_equal(&self, what: &str, bytes: &[u8], hint: &str) -> Result<()> {
        // Letters, which every number format keeps.
        let own: Vec<f32> = sha256::of_bytes(bytes).bytes().map(f32::from).collect();
        let length = own.len();
        let all = self.gather(own)?;
        let first = &all[..length];
        let different = all.chunks_exact(length).enumerate();
        let different = different.filter(|(_, other)| *other != first);
        let ranks: Vec<String> = different.map(|(rank, _)| rank.to_string()).collect();
        match ranks.is_empty() {
            true => Ok(()),
            false => Err(Error::training(format!(
                "{what} of process {} are not those of process 0",
                ranks.join(", ")
            ))
            .with_hint(hint)),
        }
    }
}

/// Everybody receives everything and adds: one round of messages.
fn average_of_all(others: &dyn Communicator, values: &mut [f32]) -> Result<()> {
    let mut all = vec![0.0; values.len() * others.size()];
    others.all_gather(values, &mut all)?;
    average_in_order(&all, values);
    Ok(())
}

/// Everybody adds one block of all and sends it back: two rounds, but no process receives more than twice what it has.
fn average_by_blocks(others: &dyn Communicator, values: &mut [f32]) -> Result<()> {
    let block = values.len().div_ceil(others.size());
    let mut padded = values.to_vec();
    padded.resize(block * others.size(), 0.0);
    let mut received = vec![0.0; padded.len()];
    others.all_to_all(&padded, &mut received)?;
    let mut own = vec![0.0; block];
    average_in_order(&received, &mut own);
    others.all_gather(&own, &mut padded)?;
    values.copy_from_slice(&padded[..values.len()]);
    Ok(())
}

/// Means over slices of the length of `means` that follow each other in `all`.
fn average_in_order(all: &[f32], means: &mut [f32]) {
    let processes = all.len() / means.len().max(1);
    means.fill(0.0);
    for slice in all.chunks_exact(means.len().max(1)) {
        means.iter_mut().zip(slice).for_each(|(sum, v)| *sum += v);
    }
    means.iter_mut().for_each(|sum| *sum /= processes as f32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::Threads;
    use std::thread;

    /// What every rank of `size` makes of `work`, by rank.
    fn together<T: Send>(size: usize, work: impl Fn(ProcessGroup) -> T + Sync) -> Vec<T> {
        thread::scope(|scope| {
            let members = Threads::group(size).into_iter();
            let work = &work;
            let workers = members.map(|member| scope.spawn(move || work(ProcessGroup::of(member))));
            let workers: Vec<_> = workers.collect();
            workers.into_iter().map(|w| w.join().unwrap()).collect()
        })
    }

    /// Long sums go by blocks, which the number of processes does not divide.
    #[test]
    fn means_are_the_same_on_all_ranks_whatever_their_length() {
        for size in 1..5 {
            for length in [0, 1, 7, SMALL, SMALL + 1, 3 * SMALL + 2] {
                let value = |rank: usize, i: usize| ((rank * 31 + i * 7) % 97) as f32 / 3.0;
                let means = together(size, |group| {
                    let mut values: Vec<_> = (0..length).map(|i| value(group.rank(), i)).collect();
                    group.average(&mut values).unwrap();
                    values
                });
                let sum = |i| (0..size).fold(0.0, |sum, rank| sum + value(rank, i));
                let expected: Vec<f32> = (0..length).map(|i| sum(i) / size as f32).collect();
                assert!(means.iter().all(|m| *m == expected), "{size} {length}");
            }
        }
    }

    #[test]
    fn the_largest_value_counts_and_gathering_keeps_the_order() {
        let found = together(3, |group| {
            let rank = group.rank() as u32;
            let all = group.gather(vec![rank as f32; 2]).unwrap();
            (group.largest(rank % 2).unwrap(), all)
        });
        for (largest, all) in found {
            assert_eq!((largest, all), (1, vec![0.0, 0.0, 1.0, 1.0, 2.0, 2.0]));
        }
    }

    #[test]
    fn processes_that_differ_are_named() {
        let errors = together(3, |group| {
            group.require_equal("images", b"same", "").unwrap();
            let own = [group.rank() as u8 / 2];
            group.require_equal("images", &own, "look").unwrap_err()
        });
        for error in errors {
            let text = error.to_string();
            assert_eq!(text, "images of process 2 are not those of process 0");
        }
    }

    #[test]
    fn a_process_that_goes_ends_the_others() {
        let results = together(3, |group| match group.rank() {
            1 => Ok(0),
            _ => group.largest(0),
        });
        assert!(results[0].is_err() && results[2].is_err());
    }

    #[test]
    fn mini_batches_are_divided_in_halves() {
        let checked = |processes, batch_size| {
            let check = |group: ProcessGroup| group.check_batch_size(batch_size);
            together(processes, check).remove(0)
        };
        checked(1, 2).unwrap();
        checked(4, 32).unwrap();
        let error = checked(3, 32).unwrap_err();
        assert!(error.to_string().contains("3 processes"), "{error}");
        assert!(error.hint().unwrap().contains("training.batch_size=36"));
        checked(4, 4).unwrap_err();
    }
}
