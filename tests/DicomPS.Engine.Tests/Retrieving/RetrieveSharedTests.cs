using DicomPS.Associations;
using DicomPS.Jobs;
using DicomPS.Retrieving;

namespace DicomPS.Engine.Tests.Retrieving;

public class RetrieveSharedTests
{
    [Fact]
    public void Message_ids_begin_anew_after_65535_and_are_never_0()
    {
        var options =
            new RetrieveJobOptions
            {
                Association = AssociationOptions.For(new DicomNode { AETitle = "A", HostName = "127.0.0.1" }),
                Destination = "B"
            };
        var shared = new RetrieveShared(options, new WorkQueue<RetrieveItem>(1), _ => default);
        var keys = new RetrieveKeys { StudyInstanceUID = ["1.2.3"] };
        var item = new RetrieveItem(keys, RetrieveTarget.For(keys));
        var ids = new List<ushort>();
        for (var i = 0; i < 65_537; i++)
        {
            var state = shared.Begin(item);
            ids.Add(state.Arrived.MessageId);
            shared.End(state);
        }

        Assert.DoesNotContain((ushort)0, ids);
        Assert.Equal(65_535, ids.Take(65_535).Distinct().Count());
        Assert.Equal([(ushort)1, (ushort)2], ids.Skip(65_535));
    }
}
