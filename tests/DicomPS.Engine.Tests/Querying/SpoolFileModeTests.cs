using DicomPS.Querying;

namespace DicomPS.Engine.Tests.Querying;

/// <summary>Apart from the others because .NET Framework knows no modes.</summary>
public class SpoolFileModeTests
{
    [Fact]
    public void The_file_is_its_owners_alone()
    {
        using var file = new SpoolFile(1 << 20);
        file.Append(new byte[70_000]);
        Assert.NotNull(file.File);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.File.SafeFileHandle));
    }
}
