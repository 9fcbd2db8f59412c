import Testing

@testable import replab

@Suite("What changes nothing here") struct IdleDirectiveTests {
  @Test("The lab says of a directive without effect that it has none, once")
  func once() throws {
    let run = try Program.lab(
      """
      start m --port 7000 --maxmemory-clients 100mb --daemonize yes --hz 20 --loglevel notice
      start r --port 7001 --maxmemory-clients 100mb
      m CONFIG SET maxmemory-clients 1mb tcp-keepalive 7
      m CONFIG SET tcp-keepalive 8
      m CONFIG SET timeout 7

      """)
    #expect(run.status == 0)
    #expect(run.output == "OK\nOK\nOK\n")
    #expect(
      run.errors
        == "daemonize and maxmemory-clients have no effect in the lab\ntcp-keepalive has no effect in the lab\n")
  }

  @Test("A command that the lab lacks is its own complaint, with what to do")
  func missing() throws {
    let run = try Program.lab("start m --port 7000\nm CLUSTER INFO\n")
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(
      run.errors
        == "replab: standard input:2: the lab does not simulate CLUSTER\n  `help commands` lists what there is.\n")
  }

  @Test("help commands lists what a node can run, in 80 columns")
  func commands() throws {
    let run = try Program.lab("help commands\n")
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.first == "Strings")
    #expect(lines.contains("  DISCARD, EXEC, MULTI, UNWATCH, WATCH"))
    #expect(run.output.contains("CONFIG GET, CONFIG HELP, CONFIG RESETSTAT"))
    #expect(!run.output.contains("CLUSTER"))
  }
}
