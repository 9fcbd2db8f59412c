import Redis
import Testing

@Suite("The memory that a node of the lab has for values")
struct RoomTests {
  @Test("is kept to by what makes long strings out of short commands: it refuses, and changes nothing")
  func refused() {
    var client = NodeClient(Configuration())
    let connection = client.connect()
    #expect(client.command("SETRANGE k 1100000 x", on: connection) == ":1100001\r\n")
    // Copies hold the same bytes, and are counted as if each had its own.
    for number in 0..<1_700 { #expect(client.command("COPY k copy\(number)", on: connection) == ":1\r\n") }
    let refusal = "-ERR a node of the lab takes no more than 2 GiB of values\r\n"
    for line in [
      "SETRANGE new 1100000 x", "SETBIT new 8800000 1", "BITFIELD new SET u8 8800000 1", "BITOP NOT new k",
      "SETRANGE k 2200002 x",
    ] {
      #expect(client.command(line, on: connection) == refusal, "\(line)")
    }
    #expect(client.command("EXISTS new", on: connection) == ":0\r\n")
    // What is there already may be changed, and what is short comes in.
    #expect(client.command("SETRANGE k 1100000 y", on: connection) == ":1100001\r\n")
    #expect(client.command("SETRANGE short 1000 x", on: connection) == ":1001\r\n")
    for number in 0..<100 { #expect(client.command("DEL copy\(number)", on: connection) == ":1\r\n") }
    #expect(client.command("SETRANGE new 1100000 x", on: connection) == ":1100001\r\n")
  }

  @Test("is compared with lengths up to the greatest that proto-max-bulk-len lets through")
  func greatest() {
    var client = NodeClient(Configuration())
    let connection = client.connect()
    let refusal = "-ERR a node of the lab takes no more than 2 GiB of values\r\n"
    #expect(client.command("CONFIG SET proto-max-bulk-len \(Int64.max)", on: connection) == "+OK\r\n")
    #expect(client.command("SET a 1", on: connection) == "+OK\r\n")
    for offset in [Int64.max - 1, Int64.max - 1_000, 1 << 62, 1 << 32] {
      #expect(client.command("SETRANGE new \(offset) x", on: connection) == refusal)
      #expect(client.command("SETRANGE a \(offset) x", on: connection) == refusal)
    }
    #expect(client.command("EXISTS new", on: connection) == ":0\r\n")
    #expect(client.command("GET a", on: connection) == "$1\r\n1\r\n")
  }
}
