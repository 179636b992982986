//! What waits for a writer: strictly in order for each key, in turn between keys.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::error::StoreError;

/// A bounded queue that gives at most one item of each key at a time.
#[derive(Debug)]
pub(super) struct Queue<T> {
    capacity: usize,
    waiting: Mutex<Waiting<T>>,
    arrived: Condvar,
}

/// Every key of `by_key` stands in `turns` once.
#[derive(Debug)]
struct Waiting<T> {
    by_key: HashMap<String, VecDeque<T>>,
    turns: VecDeque<String>,
    length: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub fn new(capacity: usize) -> Self {
        let waiting = Waiting { by_key: HashMap::new(), turns: VecDeque::new(), length: 0, closed: false };
        Self { capacity, waiting: Mutex::new(waiting), arrived: Condvar::new() }
    }

    /// Adds an item behind those of its key, or gives it back with the reason.
    pub fn push(&self, key: &str, item: T) -> Result<(), (T, StoreError)> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err((item, StoreError::Closed));
        }
        if waiting.length >= self.capacity {
            return Err((item, StoreError::Busy));
        }
        waiting.push(key, item);
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits until there is something, then takes what has gathered: the first item of each key, at most so
    /// many. Nothing when the queue is closed and empty.
    ///
    /// The taker finishes these before it takes again; that is what makes a key serial.
    pub fn take(&self, most: usize) -> Option<Vec<T>> {
        let mut waiting = self.lock();
        while waiting.length == 0 {
            if waiting.closed {
                return None;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        Some(waiting.take(most))
    }

    /// Takes on nothing more; what waits can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Waiting<T> {
    fn push(&mut self, key: &str, item: T) {
        self.length = self.length.saturating_add(1);
        if let Some(items) = self.by_key.get_mut(key) {
            items.push_back(item);
            return;
        }
        self.by_key.insert(key.to_owned(), VecDeque::from([item]));
        self.turns.push_back(key.to_owned());
    }

    fn take(&mut self, most: usize) -> Vec<T> {
        let keys = self.turns.len().min(most);
        let turns: Vec<String> = self.turns.drain(..keys).collect();
        let taken: Vec<T> = turns.into_iter().filter_map(|key| self.take_one(key)).collect();
        self.length = self.length.saturating_sub(taken.len());
        taken
    }

    fn take_one(&mut self, key: String) -> Option<T> {
        let items = self.by_key.get_mut(&key)?;
        let item = items.pop_front();
        if items.is_empty() {
            self.by_key.remove(&key);
        } else {
            self.turns.push_back(key);
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_one_item_of_each_key_in_order() {
        let queue = Queue::new(10);
        for (key, item) in [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)] {
            queue.push(key, item).unwrap();
        }
        assert_eq!(queue.take(512), Some(vec![1, 3, 5]));
        assert_eq!(queue.take(512), Some(vec![2]));
        assert_eq!(queue.take(512), Some(vec![4]));
    }

    #[test]
    fn keys_that_do_not_fit_into_a_batch_come_first_in_the_next() {
        let queue = Queue::new(10);
        for (key, item) in [("a", 1), ("a", 2), ("b", 3), ("c", 4)] {
            queue.push(key, item).unwrap();
        }
        assert_eq!(queue.take(2), Some(vec![1, 3]));
        assert_eq!(queue.take(2), Some(vec![4, 2]));
    }

    #[test]
    fn a_full_queue_gives_the_item_back() {
        let queue = Queue::new(1);
        queue.push("a", 1).unwrap();
        assert_eq!(queue.push("b", 2), Err((2, StoreError::Busy)));
    }

    #[test]
    fn a_closed_queue_is_emptied_and_then_ends() {
        let queue = Queue::new(2);
        queue.push("a", 1).unwrap();
        queue.close();
        assert_eq!(queue.push("b", 2), Err((2, StoreError::Closed)));
        assert_eq!(queue.take(512), Some(vec![1]));
        assert_eq!(queue.take(512), None);
    }
}
