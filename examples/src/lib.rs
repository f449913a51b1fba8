//! Nothing here: the programs are in `examples/examples`.
