import Dissection
import Lab
import RESP

/// The replication offsets, and the bytes that moved them: an account of each link in which every message that carries
/// offsets is an entry.
package enum LedgerView {
  /// The entries that a step's messages made, and where the accounts stand now.
  package static func lines(_ delivered: [Delivery], in world: World) -> [Line] {
    var table = Table(
      [.init("message"), .init("bytes", .right), .init("offsets", .right)],
      empty: "no offset moved: these bytes are not part of the stream")
    for delivery in delivered {
      if let row = row(delivery.message) { table.rows.append(row) }
    }
    var links: [Link.ID] = []
    for delivery in delivered where !links.contains(delivery.link) { links.append(delivery.link) }
    return table.lines + links.compactMap { balance($0, world.dissector(of: $0)?.ledger) }
  }

  private static func row(_ message: Message) -> [String]? {
    switch message.kind {
    case .fullResync(_, let offset): [message.title, "0", "the account opens at \(offset)"]
    case .partialResync: [message.title, "0", "the account goes on"]
    case .ack(let acknowledgement):
      [message.title, acknowledgement.newBytes.map { "\($0)" } ?? "?", "acknowledged up to \(acknowledgement.offset)"]
    default:
      message.offsets.map { [message.title, "\(message.bytes.count)", "\($0.lowerBound)–\($0.upperBound)"] }
    }
  }

  /// Where one link's account stands.
  private static func balance(_ link: Link.ID, _ ledger: Ledger?) -> Line? {
    guard let ledger, let sent = ledger.sent else { return nil }
    let acknowledged = ledger.acknowledged.map { "\($0)" } ?? "none"
    let outstanding = ledger.outstanding.map { ", \(counted($0, "byte")) outstanding" } ?? ""
    return Line("link \(link): sent \(sent), acknowledged \(acknowledged)\(outstanding)", .meaning)
  }

  /// The last entries of every account there is.
  package static func lines(in world: World, last count: Int) -> [Line] {
    let accounts = world.accounts
    guard !accounts.isEmpty else { return [Line("no account is open: nobody has synced yet", .dim)] }
    return accounts.flatMap { account -> [Line] in
      var table = Table(
        [.init("message", .right), .init("event"), .init("bytes", .right), .init("offset", .right)], empty: "")
      let entries = account.ledger.entries
      for index in max(0, entries.count - count)..<entries.count { table.rows.append(row(entries[index])) }
      let title = "link \(account.link), \(account.from.name) to \(account.to.name)"
      return [Line(title, .heading)] + table.lines + [balance(account.link, account.ledger)].compactMap(\.self)
    }
  }

  private static func row(_ entry: Ledger.Entry) -> [String] {
    let number = "\(entry.message)"
    switch entry.event {
    case .opened(_, let offset, let isFull):
      return [number, isFull ? "opened by a full sync" : "opened by a partial sync", "", "\(offset)"]
    case .sent(let offsets):
      return [number, "sent", "\(offsets.upperBound -| offsets.lowerBound +| 1)", "\(offsets.upperBound)"]
    case .missed(let offsets):
      return [number, "not recorded", "\(offsets.upperBound -| offsets.lowerBound +| 1)", "\(offsets.upperBound)"]
    case .learned(let offset): return [number, "learned from an acknowledgement", "", "\(offset)"]
    case .acknowledged(let offset, let newBytes): return [number, "acknowledged", "\(newBytes)", "\(offset)"]
    }
  }
}
