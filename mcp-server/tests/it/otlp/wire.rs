//! As much of Protocol Buffers as reads spans. Numbers of fields are those of `opentelemetry/proto/trace/v1/trace.proto`.

use std::{collections::BTreeMap, fmt::Write as _};

use super::collector::{Span, Value};

pub(super) const SERVER: u64 = 2;
pub(super) const CLIENT: u64 = 3;
pub(super) const UNSET: u64 = 0;
pub(super) const ERROR: u64 = 2;

/// The value of a field.
#[derive(Debug, Clone, Copy)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    #[track_caller]
    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(number) => panic!("{number} is no bytes"),
        }
    }

    #[track_caller]
    fn text(self) -> String {
        String::from_utf8(self.bytes().to_vec()).unwrap()
    }

    #[track_caller]
    fn hex(self) -> String {
        self.bytes().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }

    #[track_caller]
    fn number(self) -> u64 {
        match self {
            Self::Number(number) => number,
            Self::Bytes(bytes) => panic!("{bytes:?} is no number"),
        }
    }
}

/// The spans of an `ExportTraceServiceRequest`.
pub(super) fn spans(body: &[u8]) -> Vec<Span> {
    let mut found = Vec::new();
    for (_, of_resource) in fields(body) {
        let parts = fields(of_resource.bytes());
        let resource = parts.iter().find(|(number, _)| *number == 1);
        let resource = resource.map(|(_, resource)| attributes(&fields(resource.bytes()), 1));
        for (_, of_scope) in parts.iter().filter(|(number, _)| *number == 2) {
            let parts = fields(of_scope.bytes());
            for (_, bytes) in parts.iter().filter(|(number, _)| *number == 2) {
                let mut span = span(&fields(bytes.bytes()));
                span.resource = resource.clone().unwrap_or_default();
                found.push(span);
            }
        }
    }
    found
}

fn span(parts: &[(u64, Field<'_>)]) -> Span {
    let mut span = Span {
        attributes: attributes(parts, 9),
        ..Span::default()
    };
    for (number, field) in parts {
        match number {
            1 => span.trace = field.hex(),
            2 => span.id = field.hex(),
            3 => span.state = field.text(),
            4 => span.parent = field.hex(),
            5 => span.name = field.text(),
            6 => span.kind = field.number(),
            7 => span.began = field.number(),
            8 => span.ended = field.number(),
            15 => {
                let status = fields(field.bytes());
                let code = status.iter().find(|(number, _)| *number == 3);
                span.status = code.map_or(UNSET, |(_, code)| code.number());
            }
            _ => {}
        }
    }
    span
}

fn attributes(parts: &[(u64, Field<'_>)], number: u64) -> BTreeMap<String, Value> {
    let pairs = parts.iter().filter(|(found, _)| *found == number);
    let pairs = pairs.map(|(_, pair)| {
        let pair = fields(pair.bytes());
        let [(1, key), (2, value)] = pair.as_slice() else {
            panic!("{pair:?}");
        };
        let value = match fields(value.bytes()).as_slice() {
            [(1, text)] => Value::Text(text.text()),
            [(3, number)] => Value::Number(number.number().cast_signed()),
            other => panic!("{other:?}"),
        };
        (key.text(), value)
    });
    pairs.collect()
}

/// Number and value of each field of a message.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => {
                let (number, rest) = bytes.split_first_chunk().unwrap();
                bytes = rest;
                Field::Number(u64::from_le_bytes(*number))
            }
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                let (value, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(value)
            }
            5 => {
                let (number, rest) = bytes.split_first_chunk().unwrap();
                bytes = rest;
                Field::Number(u32::from_le_bytes(*number).into())
            }
            other => panic!("there is no wire type {other}"),
        };
        found.push((tag >> 3, field));
    }
    found
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for turn in 0.. {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (7 * turn);
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}
