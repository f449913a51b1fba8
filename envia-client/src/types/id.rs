//! Ids, one type per kind.

use api_core::ids;

ids! {
    /// Id of something without a type of its own.
    Id,
    /// Id of a company, a customer of Envia.
    CompanyId,
    /// Id of a ticket.
    TicketId,
    /// Id of a ticket type.
    TypeId,
    /// Id of a shipment.
    ShipmentId,
    /// Id of a member of staff.
    StaffId,
    /// Id of a credit.
    CreditId,
    /// Id of a carrier.
    CarrierId,
    /// Id of an uploaded file.
    FileId,
}
