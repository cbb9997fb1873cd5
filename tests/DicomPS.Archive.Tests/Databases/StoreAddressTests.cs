using DicomPS.Archiving.Databases;

namespace DicomPS.Archiving.Tests.Databases;

/// <summary>What is said of where an index or a store is.</summary>
public class StoreAddressTests
{
    [Theory]
    [InlineData("http://db.example/dicom")]
    [InlineData("mysql://me:secret@db.example:3306/dicom")]
    [InlineData("postgresql-ha://db.example/dicom")]
    public void An_address_of_something_else_is_no_path(string text)
    {
        Assert.True(StoreAddress.IsOfDatabase(text));
        var problem = Assert.Throws<StoreException>(() => StoreAddress.Parse(text, path => path, StoreWords.Index));
        Assert.Contains("postgresql://HOST:5432/DATABASE", problem.Advice);
        Assert.DoesNotContain("secret", problem.Message + StoreAddress.Shown(text));
    }

    [Theory]
    [InlineData("./move.db")]
    [InlineData("C:\\moves\\move.db")]
    [InlineData("http")]
    [InlineData("a:b.db")]
    public void A_path_is_no_address(string text) => Assert.False(StoreAddress.IsOfDatabase(text));
}
