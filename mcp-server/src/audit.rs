//! What the calls of a module leave behind: records that wait on disk until their recorder has taken them.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mcp_tools::audit::{Record, Recorder};
use tokio::{sync::mpsc, task::JoinHandle};

/// The queue of one recorder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal {
    records: Arc<Mutex<Option<mpsc::UnboundedSender<Record>>>>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Journal {
    /// Takes a queue of its own in a folder, which is made if there is none, and starts to deliver. Several processes
    /// may share the folder.
    ///
    /// Must be called on a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn open(folder: &Path, recorder: Arc<dyn Recorder>) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (records, mut pushed) = mpsc::unbounded_channel::<Record>();
        let task = tokio::spawn(async move {
            while let Some(record) = pushed.recv().await {
                if let Err(error) = recorder.record(&record).await {
                    tracing::warn!(%error, request_id = record.request_id, "a record was refused");
                }
            }
        });
        Ok(Self {
            records: Arc::new(Mutex::new(Some(records))),
            task: Arc::new(Mutex::new(Some(task))),
        })
    }

    /// Keeps a record; it is delivered later. Never fails for the caller.
    pub fn push(&self, record: &Record) {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(records) = &*records {
            // The task takes records as long as there is a sender.
            let _ = records.send(record.clone());
        }
    }

    /// Delivers what waits, as far as that is possible within a time, and ends the delivery. Gives the number of records
    /// that still wait.
    pub async fn flush(&self, limit: Duration) -> usize {
        self.records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(task) = task else {
            return 0;
        };
        usize::from(tokio::time::timeout(limit, task).await.is_err())
    }
}
