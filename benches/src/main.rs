//! Measures the server as a whole process.

fn main() -> std::process::ExitCode {
    benches::main()
}
