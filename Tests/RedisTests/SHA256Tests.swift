import RealRedis
import Testing

@testable import Redis

@Suite struct SHA256Tests {
  /// The examples of FIPS 180-4, and lengths at which the padding changes.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]) func knownDigests(text: String, digest: String) { #expect(SHA256.hex(Bytes(text)) == digest) }

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  func passwordsOfEveryLength() throws {
    let server = try RealServer()
    for length in 0...130 {
      let password = String((0..<length).map { Character(UnicodeScalar(UInt8(33 + $0 % 90))) })
      try server.command("ACL", "SETUSER", "u", "resetpass", ">" + password)
      #expect(try server.text("ACL", "LIST").contains("user u off #\(SHA256.hex(Bytes(password))) "))
    }
  }
}
