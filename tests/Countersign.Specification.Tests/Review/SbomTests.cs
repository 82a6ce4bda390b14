using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>sbom.cdx.json lists what the lock files pin. COUNTERSIGN_RECORD_SBOM=1 writes it anew.</summary>
public sealed class SbomTests
{
    [Fact]
    public void The_bill_of_materials_lists_what_the_lock_files_pin()
    {
        var file = Path.Combine(Repository.Root, "sbom.cdx.json");
        var made = new Sbom(Repository.Root).Write();
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_RECORD_SBOM") == "1")
            File.WriteAllText(file, made);
        Assert.True(made == File.ReadAllText(file), "sbom.cdx.json is not that of the lock files: run the test once with COUNTERSIGN_RECORD_SBOM=1 and look at the difference");
    }
}
