using System.Management.Automation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Arguments;

/// <summary>Lets a parameter for certificates take the files that they are in as well, PEM or DER.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class CertificateTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (engineIntrinsics is null)
            throw new ArgumentNullException(nameof(engineIntrinsics));
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var items = value is System.Collections.IEnumerable list and not string ? list.Cast<object>().ToArray() : [value];
        return items.Select(item => (item is PSObject inner ? inner.BaseObject : item) switch
        {
            X509Certificate2 certificate => certificate,
            string path => Read(engineIntrinsics, path),
            FileInfo file => Read(engineIntrinsics, file.FullName),
            var other => throw new ArgumentTransformationMetadataException($"'{other}' is no certificate and no file of one."),
        }).ToArray();
    }

    private static X509Certificate2 Read(EngineIntrinsics engine, string path)
    {
        var file = engine.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);
        try
        {
            return new X509Certificate2(file);
        }
        catch (Exception problem) when (problem is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentTransformationMetadataException($"There is no certificate to be read in '{file}': {problem.Message}",
                problem);
        }
    }
}
