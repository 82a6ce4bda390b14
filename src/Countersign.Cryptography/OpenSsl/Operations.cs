using System.Runtime.InteropServices;

namespace Countersign.Cryptography;

/// <summary>What the library keeps of something under way, until it is freed.</summary>
internal abstract class Operation() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    private protected abstract void Free(nint operation);
}

/// <summary>EVP_PKEY_CTX: one operation with a key.</summary>
internal sealed class KeyOperation : Operation
{
    private protected override void Free(nint operation) => LibCrypto.FreeOperation(operation);
}

/// <summary>EVP_MD_CTX: a hash under way.</summary>
internal sealed class HashOperation : Operation
{
    private protected override void Free(nint operation) => LibCrypto.FreeHash(operation);
}

/// <summary>EVP_MAC_CTX: a MAC under way.</summary>
internal sealed class MacOperation : Operation
{
    private protected override void Free(nint operation) => LibCrypto.FreeMac(operation);
}
