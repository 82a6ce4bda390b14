using System.Reflection;
using System.Text;

namespace Countersign.Specification.Tests;

/// <summary>A record writes all its properties when it is written into a line: one that has a property of its own kind would write without an end.</summary>
public sealed class RecordTests
{
    [Fact]
    public void No_record_has_a_property_of_its_own_kind() =>
        Assert.Equal([], Product.Types.Where(IsRecord)
            .SelectMany(static t => t.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(p => p.PropertyType == t)));

    private static bool IsRecord(Type type) => type.GetMethod(
        "PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly, [typeof(StringBuilder)]) is not null;
}
