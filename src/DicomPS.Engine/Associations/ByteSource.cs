namespace DicomPS.Associations;

/// <summary>When more bytes can be expected from a peer.</summary>
internal enum Outlook
{
    /// <summary>After a message, which may have been the last one for long.</summary>
    Later,
    /// <summary>In the middle of a message: they are on their way.</summary>
    Soon,
    /// <summary>The last read was filled: they are here already.</summary>
    Now,
}

/// <summary>Where the bytes of an association come from. It alone decides how and on which thread a read waits.</summary>
internal sealed class ByteSource(Transport transport)
{
    // Each yields the processor to whoever else wants it, the peer of a test on the same machine among them.
    private const int MostYields = 200;
    private int _nextSkip = 1;
    private int _waitsToSkip;

    /// <summary>Reads what has come, or waits for something.</summary>
    /// <returns>How many bytes came; 0 when the peer has closed.</returns>
    public ValueTask<int> ReadAsync(Memory<byte> room, Outlook outlook, CancellationToken cancellationToken)
    {
        // In the middle of a message the next bytes are worth a moment before the long way through the thread pool.
        if (outlook == Outlook.Soon && !transport.IsSecure) AwaitBriefly();
        if (outlook != Outlook.Now) transport.BeforeWait();
        return transport.ReadAsync(room, cancellationToken);
    }

    // A read that finds bytes costs no change of thread.
    private void AwaitBriefly()
    {
        if (_waitsToSkip > 0)
        {
            _waitsToSkip--;
            return;
        }

        try
        {
            var yields = 0;
            while (yields < MostYields && !transport.HasBytes)
            {
                Thread.Yield();
                yields++;
            }

            // A peer too far away or too slow for this is let be, longer each time, so that no processor turns for nothing.
            _nextSkip = yields < MostYields ? 1 : Math.Min(2 * _nextSkip, 256);
            _waitsToSkip = yields < MostYields ? 0 : _nextSkip;
        }
        catch (Exception problem) when (Transport.IsFailure(problem))
        {
            // The connection is gone, and the read will say so.
        }
    }
}
