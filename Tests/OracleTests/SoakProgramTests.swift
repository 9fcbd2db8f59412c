import ArgumentParser
import Soak
import Testing

@testable import replab_soak

@Suite("The program of random situations") struct SoakProgramTests {
  @Test(
    "says what is wrong with its options",
    arguments: [
      ["--nonsense"], ["--runs"], ["--runs", "-1"], ["--runs", "many"], ["--first", "-1"], ["--parallel", "0"],
      ["--keep", "a", "--again", "b"],
    ])
  func wrongOptions(arguments: [String]) {
    let error = #expect(throws: (any Error).self) { try SoakProgram.parseAsRoot(arguments) }
    #expect(error.map(SoakProgram.exitCode) == .validationFailure)
  }

  @Test("explains itself") func help() throws {
    var program = try SoakProgram.parseAsRoot(["--help"])
    let error = #expect(throws: (any Error).self) { try program.run() }
    #expect(error.map(SoakProgram.exitCode) == .success)
  }

  @Test("says which file it can't read") func missingFile() throws {
    let program = try SoakProgram.parse(["no/such/file"])
    let error = #expect(throws: SoakError.self) { try program.situations() }
    #expect(error?.description == "can't read no/such/file")
  }

  @Test("goes on with the first seed after the last one") func lastSeed() throws {
    let program = try SoakProgram.parse(["--first", "\(UInt64.max)", "--runs", "2"])
    #expect(try program.situations() == [Generator.situation(.max), Generator.situation(0)])
  }
}
