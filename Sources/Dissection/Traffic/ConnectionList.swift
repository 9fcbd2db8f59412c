import Capture

/// Connections by number, in blocks: a change after a copy copies one block, not the list, so a history of a recording
/// with a connection storm in it may keep many copies.
struct ConnectionList: Equatable, Sendable {
  private static let blockSize = 32

  /// Removed ones are nil, a block of such is empty.
  private var blocks: [[Connection?]] = []
  private var count = 0

  private func place(_ number: Int) -> (block: Int, index: Int)? {
    guard number >= 1, number <= count else { return nil }
    let block = (number - 1) / Self.blockSize
    return blocks[block].isEmpty ? nil : (block, (number - 1) % Self.blockSize)
  }

  subscript(number: Int) -> Connection? { place(number).flatMap { blocks[$0.block][$0.index] } }

  // Without copying the connection:

  func side(of source: Endpoint, in number: Int) -> Side? {
    place(number).flatMap { blocks[$0.block][$0.index]?.opener }.map { $0 == source ? .opener : .acceptor }
  }

  func state(_ number: Int) -> Connection.State? { place(number).flatMap { blocks[$0.block][$0.index]?.state } }

  func lonelyChannel(_ number: Int) -> Channel? {
    place(number).flatMap { blocks[$0.block][$0.index]?.lonelyChannel }
  }

  mutating func join(_ number: Int, _ partner: Int) {
    for (number, partner) in [(number, partner), (partner, number)] {
      guard let place = place(number) else { continue }
      blocks[place.block][place.index]?.partner = partner
    }
  }

  /// The connection's number must be the next one.
  mutating func append(_ connection: Connection) {
    precondition(connection.number == count + 1)
    if count % Self.blockSize == 0 { blocks.append([]) }
    blocks[blocks.count - 1].append(connection)
    count += 1
  }

  mutating func remove(_ number: Int) {
    guard let place = place(number) else { return }
    blocks[place.block][place.index] = nil
    let block = blocks[place.block]
    if block.count == Self.blockSize, block.allSatisfy({ $0 == nil }) { blocks[place.block] = [] }
  }

  /// Changes the connection in its place; it must be there.
  mutating func update<Context, Result>(
    _ number: Int, with context: inout Context, _ change: (inout Connection, inout Context) -> Result
  ) -> Result {
    guard let place = place(number) else { preconditionFailure("no connection \(number)") }
    return change(&blocks[place.block][place.index]!, &context)
  }

  func filter(_ isWanted: (Connection) -> Bool) -> [Connection] {
    blocks.flatMap { block in block.compactMap { $0.flatMap { isWanted($0) ? $0 : nil } } }
  }
}
