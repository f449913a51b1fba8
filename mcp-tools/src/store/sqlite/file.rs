//! The file: how it is made, opened and judged, and its four statements.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Statement, Transaction,
    TransactionBehavior, params,
};

use crate::store::Swap;

/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_secs(2);
/// Pause before the file is opened again that others are opening.
const PAUSE: Duration = Duration::from_millis(5);
/// Marks a file as this program's ("tmcp").
const APPLICATION: i32 = 0x746d_6370;
/// Form of the tables.
const FORM: i32 = 1;
/// Most pages of 4 KiB: 512 MiB.
const PAGES: i32 = 128 * 1024;
/// How often expired values are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// How many are dropped at once.
const SWEPT: usize = 200;

const TABLES: &str = "
    CREATE TABLE kept (name TEXT PRIMARY KEY, until INTEGER NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX kept_until ON kept (until);";
const READ: &str = "SELECT value FROM kept WHERE name = ?1 AND until > ?2";
const WRITE: &str = "INSERT INTO kept (name, until, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (name) DO UPDATE SET until = excluded.until, value = excluded.value";
const FORGET: &str = "DELETE FROM kept WHERE name = ?1";
const SWEEP: &str =
    "DELETE FROM kept WHERE name IN (SELECT name FROM kept WHERE until <= ?1 LIMIT ?2)";

/// A file that is open.
pub(super) struct File {
    connection: Connection,
    path: PathBuf,
    /// Which file that is, whatever stands at its path later.
    identity: Option<Identity>,
}

/// What is done with the values of a file.
pub(super) struct Values<'f> {
    connection: &'f Connection,
    read: Statement<'f>,
    write: Statement<'f>,
    forget: Statement<'f>,
    sweep: Statement<'f>,
    swept: Instant,
}

/// Why something could not be done.
#[derive(Debug)]
pub(super) enum Failure {
    /// The folder or the file cannot be made.
    Making(io::Error),
    /// The file is that of another program.
    Foreign,
    /// The file has a form that only a newer version of this program knows.
    Newer(i32),
    /// SQLite says so.
    Sqlite(rusqlite::Error),
}

impl File {
    /// Opens the file, and makes it when it is missing. Others may do the same at this moment.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        make(path).map_err(Failure::Making)?;
        let until = Instant::now() + PATIENCE;
        loop {
            match Self::opened(path) {
                // Not every step of opening waits for others by itself.
                Err(failure) if failure.is_busy() && Instant::now() < until => {
                    thread::sleep(PAUSE);
                }
                opened => return opened,
            }
        }
    }

    fn opened(path: &Path) -> Result<Self, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        let identity = Identity::of(path);
        connection.busy_timeout(PATIENCE)?;
        // In one look: another process may be making the file in this moment.
        judge(&*connection.transaction()?)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -512)?;
        connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
        connection.pragma_update(None, "max_page_count", PAGES)?;
        let making = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if judge(&making)? == 0 {
            making.execute_batch(TABLES)?;
            making.pragma_update(None, "application_id", APPLICATION)?;
            making.pragma_update(None, "user_version", FORM)?;
        }
        making.commit()?;
        Ok(Self {
            connection,
            path: path.to_owned(),
            identity,
        })
    }

    /// Whether the path still leads to this file, and not to none or another.
    pub(super) fn is_in_place(&self) -> bool {
        self.identity.is_none() || self.identity == Identity::of(&self.path)
    }

    pub(super) fn values(&self) -> Result<Values<'_>, Failure> {
        let connection = &self.connection;
        Ok(Values {
            connection,
            read: connection.prepare(READ)?,
            write: connection.prepare(WRITE)?,
            forget: connection.prepare(FORGET)?,
            sweep: connection.prepare(SWEEP)?,
            swept: Instant::now(),
        })
    }
}

/// The form of a file, 0 for an empty one. One that is not ours is left as it is.
fn judge(connection: &Connection) -> Result<i32, Failure> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, form) = (number("application_id")?, number("user_version")?);
    if application == APPLICATION {
        return match form {
            ..=FORM => Ok(form),
            newer => Err(Failure::Newer(newer)),
        };
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0))?;
    match (application, form, tables) {
        (0, 0, 0) => Ok(0),
        _ => Err(Failure::Foreign),
    }
}

impl Values<'_> {
    pub(super) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        Ok(found(&mut self.read, name, now())?)
    }

    pub(super) fn swap(
        &mut self,
        name: &str,
        old: Option<&[u8]>,
        new: &[u8],
        lives: Duration,
    ) -> Result<Swap, Failure> {
        match self.try_swap(name, old, new, lives) {
            Err(failure) if failure.is_full() && self.drop_expired() > 0 => {
                self.try_swap(name, old, new, lives)
            }
            done => done,
        }
    }

    fn try_swap(
        &mut self,
        name: &str,
        old: Option<&[u8]>,
        new: &[u8],
        lives: Duration,
    ) -> Result<Swap, Failure> {
        // Nobody writes between the look and the change.
        let change = begin(self.connection)?;
        let now = now();
        let found = found(&mut self.read, name, now)?;
        if found.as_deref() != old {
            return Ok(Swap::Other(found));
        }
        let lives = i64::try_from(lives.as_millis()).unwrap_or(i64::MAX);
        self.write
            .execute(params![name, now.saturating_add(lives), new])?;
        change.commit()?;
        Ok(Swap::Done)
    }

    pub(super) fn forget(&mut self, name: &str, old: &[u8]) -> Result<bool, Failure> {
        let change = begin(self.connection)?;
        if found(&mut self.read, name, now())?.as_deref() != Some(old) {
            return Ok(false);
        }
        self.forget.execute([name])?;
        change.commit()?;
        Ok(true)
    }

    /// Drops some expired values, if it is time. They count as gone anyway, so nothing depends on it.
    pub(super) fn sweep(&mut self) {
        if self.swept.elapsed() < SWEEP_EVERY {
            return;
        }
        // When there were many, there are more.
        if self.drop_some() < SWEPT {
            self.swept = Instant::now();
        }
    }

    fn drop_expired(&mut self) -> usize {
        let mut dropped = 0;
        loop {
            let some = self.drop_some();
            dropped += some;
            if some < SWEPT {
                return dropped;
            }
        }
    }

    fn drop_some(&mut self) -> usize {
        let most = i64::try_from(SWEPT).unwrap_or(i64::MAX);
        match self.sweep.execute(params![now(), most]) {
            Ok(dropped) => dropped,
            Err(error) => {
                tracing::debug!(%error, "expired values could not be dropped");
                0
            }
        }
    }
}

fn begin(connection: &Connection) -> rusqlite::Result<Transaction<'_>> {
    Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
}

fn found(read: &mut Statement<'_>, name: &str, now: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    read.query_row(params![name, now], |row| row.get(0))
        .optional()
}

/// Milliseconds since 1970: a clock that all processes share, and that outlives them.
fn now() -> i64 {
    let age = SystemTime::now().duration_since(UNIX_EPOCH);
    age.map_or(0, |age| i64::try_from(age.as_millis()).unwrap_or(i64::MAX))
}

/// Makes the folder, and an empty file in it, for their owner alone. SQLite makes its other files like this one.
fn make(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// A file as the system knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    device_and_number: (u64, u64),
}

impl Identity {
    /// Nothing where the system does not tell, or where there is no file.
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let data = fs::metadata(path).ok()?;
        Some(Self {
            device_and_number: (data.dev(), data.ino()),
        })
    }

    #[cfg(not(unix))]
    fn of(_: &Path) -> Option<Self> {
        None
    }
}

impl Failure {
    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            Self::Making(_) | Self::Foreign | Self::Newer(_) => None,
        }
    }

    fn is_busy(&self) -> bool {
        matches!(
            self.code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    }

    fn is_full(&self) -> bool {
        self.code() == Some(ErrorCode::DiskFull)
    }

    /// Whether the open file is as good as before.
    pub(super) fn is_passing(&self) -> bool {
        self.is_busy() || self.is_full()
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match self {
            Self::Making(error) => return write!(f, "the file cannot be made: {error}"),
            Self::Foreign => {
                return f.write_str("the file belongs to another program; name another one");
            }
            Self::Newer(form) => {
                return write!(
                    f,
                    "a newer version of this program wrote the file (form {form}, this one knows {FORM}); run that one, or \
                     name another file"
                );
            }
            Self::Sqlite(error) => error,
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => write!(
                f,
                "the file is damaged, or no database ({error}); it is left as it is: stop the server and move it away with \
                 those beside it (-wal, -shm), which also forgets the writes that it knows of"
            ),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                write!(f, "the file, or its folder, cannot be written ({error})")
            }
            Some(ErrorCode::DiskFull) => write!(f, "the file, or its disk, is full ({error})"),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                write!(
                    f,
                    "another process has held the file for too long ({error})"
                )
            }
            _ => write!(f, "{error}"),
        }
    }
}
