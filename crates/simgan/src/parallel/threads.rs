//! Threads of one process that train together, as processes would.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::parallel::Communicator;
use simgan_base::{Error, Result};

/// One of several threads. Where one is dropped, nobody waits for it.
#[derive(Debug)]
pub struct Threads {
    rank: usize,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    board: Mutex<Board>,
    changed: Condvar,
}

/// What everybody has written for the others to read.
#[derive(Debug)]
struct Board {
    slices: Vec<Vec<f32>>,
    /// Threads that have written; then threads that have read.
    arrived: usize,
    /// Whether the board is being read.
    reading: bool,
    /// Whether a thread has gone.
    broken: bool,
}

impl Threads {
    /// A group of `size` threads, by rank.
    pub fn group(size: usize) -> Vec<Self> {
        let shared = Arc::new(Shared {
            board: Mutex::new(Board {
                slices: vec![Vec::new(); size],
                arrived: 0,
                reading: false,
                broken: false,
            }),
            changed: Condvar::new(),
        });
        let member = |rank| Self {
            rank,
            shared: shared.clone(),
        };
        (0..size).map(member).collect()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        let board = self.shared.board.lock();
        board.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the board may be read, or written: `reading` says which.
    fn wait<'a>(
        &self,
        mut board: MutexGuard<'a, Board>,
        reading: bool,
    ) -> Result<MutexGuard<'a, Board>> {
        while board.reading != reading {
            if board.broken {
                return Err(Error::training("another process has gone"));
            }
            let woken = self.shared.changed.wait(board);
            board = woken.unwrap_or_else(PoisonError::into_inner);
        }
        Ok(board)
    }

    /// Shows `own` to everybody, and `read` what everybody shows.
    fn exchange(&self, own: &[f32], read: impl FnOnce(&[Vec<f32>])) -> Result<()> {
        let mut board = self.wait(self.board(), false)?;
        board.slices[self.rank] = own.to_vec();
        self.arrive(&mut board);
        let mut board = self.wait(board, true)?;
        read(&board.slices);
        self.arrive(&mut board);
        Ok(())
    }

    /// The last one to arrive turns the board over.
    fn arrive(&self, board: &mut Board) {
        board.arrived += 1;
        if board.arrived == board.slices.len() {
            board.arrived = 0;
            board.reading = !board.reading;
            self.shared.changed.notify_all();
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.board().broken = true;
        self.shared.changed.notify_all();
    }
}

impl Communicator for Threads {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.board().slices.len()
    }

    fn all_gather(&self, own: &[f32], all: &mut [f32]) -> Result<()> {
        self.exchange(own, |slices| all.copy_from_slice(&slices.concat()))
    }

    fn all_to_all(&self, own: &[f32], received: &mut [f32]) -> Result<()> {
        let block = own.len() / self.size();
        let own_block = self.rank * block..(self.rank + 1) * block;
        self.exchange(own, |slices| {
            let blocks = slices.iter().flat_map(|slice| &slice[own_block.clone()]);
            received.iter_mut().zip(blocks).for_each(|(r, v)| *r = *v);
        })
    }
}
