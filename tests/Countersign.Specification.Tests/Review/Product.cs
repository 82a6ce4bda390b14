using System.Reflection;
using Countersign.Cryptography;

namespace Countersign.Specification.Tests;

/// <summary>The compiled product, to be asked about.</summary>
internal static class Product
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(Secret).Assembly, Assembly.Load("Countersign.Evidence"), Assembly.Load("Countersign.Protocol"),
        Assembly.Load("Countersign.Authority"), Assembly.Load("Countersign.Client"), Assembly.Load("Countersign.Server"), Assembly.Load("countersign"),
    ];

    public static IEnumerable<Type> Types => Assemblies.SelectMany(static assembly => assembly.GetTypes());
}
