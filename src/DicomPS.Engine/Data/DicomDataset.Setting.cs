using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace DicomPS.Data;

/// <content>Putting values in.</content>
public sealed partial class DicomDataset
{
    /// <summary>
    /// Sets text values, encoded with <see cref="Text"/> when the dataset is written; numbers for a binary VR are parsed.
    /// </summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">The VR.</param>
    /// <param name="values">The values; none for an empty element.</param>
    /// <exception cref="ArgumentException">The VR holds numbers or tags, and a value is none that fits.</exception>
    public void Set(DicomTag tag, Vr vr, params string[] values)
    {
        if (values is null)
            throw new ArgumentNullException(nameof(values));

        if (vr.IsString())
        {
            Add(DicomValue.Create(tag, vr, values));
        }
        else if (vr == Vr.SQ)
        {
            SetSequence(tag, values.Length == 0 ? []
                : throw new ArgumentException($"{tag} is a sequence and holds items, not text.", nameof(values)));
        }
        else if (vr is Vr.FL or Vr.FD or Vr.OF or Vr.OD)
        {
            SetDoubles(tag, vr, Array.ConvertAll(values,
                v => double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out var d)
                ? d
                : throw new ArgumentException($"'{v}' is not a number, which {tag} needs.", nameof(values))));
        }
        else if (vr == Vr.UV || vr == Vr.OV)
        {
            SetInts(tag, vr, Array.ConvertAll(values, v => ulong.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var u)
                ? unchecked((long)u)
                : throw new ArgumentException($"'{v}' is not a whole number, which {tag} needs.", nameof(values))));
        }
        else
        {
            SetInts(tag, vr, Array.ConvertAll(values, v => vr == Vr.AT && DicomTag.TryParse(v, out var at) ? at.Value
                : long.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? i
                : throw new ArgumentException($"'{v}' is not a whole number, which {tag} needs.", nameof(values))));
        }
    }

    /// <summary>Sets bytes, in little-endian order where the VR has words; not copied.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">The VR.</param>
    /// <param name="bytes">The value.</param>
    public void Set(DicomTag tag, Vr vr, ReadOnlyMemory<byte> bytes) => Add(DicomValue.Create(tag, vr, bytes));

    /// <summary>Sets whole numbers; tags for AT.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">A numeric VR, IS or DS.</param>
    /// <param name="values">The values; none for an empty element. For UV, the bits of the unsigned number.</param>
    /// <exception cref="ArgumentException">A value does not fit the VR, or the VR holds no numbers.</exception>
    public void SetInts(DicomTag tag, Vr vr, params long[] values)
    {
        if (values is null)
            throw new ArgumentNullException(nameof(values));

        if (vr.IsString())
        {
            Set(tag, vr, Array.ConvertAll(values, v => v.ToString(CultureInfo.InvariantCulture)));
            return;
        }

        if (vr is Vr.FL or Vr.FD or Vr.OF or Vr.OD)
        {
            SetDoubles(tag, vr, Array.ConvertAll(values, v => (double)v));
            return;
        }

        var (size, low, high) = vr switch
        {
            Vr.US or Vr.OW => (2, 0L, 0xFFFFL),
            Vr.SS => (2, short.MinValue, short.MaxValue),
            Vr.UL or Vr.OL or Vr.AT => (4, 0L, 0xFFFFFFFFL),
            Vr.SL => (4, int.MinValue, int.MaxValue),
            Vr.SV or Vr.UV or Vr.OV => (8, long.MinValue, long.MaxValue),
            Vr.OB => (1, 0L, 0xFFL),
            _ => throw new ArgumentException($"{vr} does not hold whole numbers.", nameof(vr)),
        };
        var bytes = new byte[size * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (value < low || value > high)
                throw new ArgumentException($"{value} does not fit {vr}, which {tag} is.", nameof(values));

            var target = bytes.AsSpan(i * size);
            switch (vr)
            {
                case Vr.AT:
                    BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)(value >> 16));
                    BinaryPrimitives.WriteUInt16LittleEndian(target.Slice(2), (ushort)value);
                    break;
                case Vr.OB:
                    target[0] = (byte)value;
                    break;
                default:
                    WriteWord(target, size, value);
                    break;
            }
        }

        Set(tag, vr, bytes);
    }

    /// <summary>Sets floating point numbers.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">FL, FD, OF, OD or DS.</param>
    /// <param name="values">The values; none for an empty element.</param>
    /// <exception cref="ArgumentException">The VR holds no floating point numbers.</exception>
    public void SetDoubles(DicomTag tag, Vr vr, params double[] values)
    {
        if (values is null)
            throw new ArgumentNullException(nameof(values));

        switch (vr)
        {
            case Vr.DS:
                Set(tag, vr, Array.ConvertAll(values, NumberText.ToDecimalString));
                break;
            case Vr.FL or Vr.OF:
                var singles = new byte[4 * values.Length];
                for (var i = 0; i < values.Length; i++)
                {
                    var single = (float)values[i];
                    WriteWord(singles.AsSpan(4 * i), 4, MemoryMarshal.Cast<float, int>([single])[0]);
                }

                Set(tag, vr, singles);
                break;
            case Vr.FD or Vr.OD:
                var doubles = new byte[8 * values.Length];
                for (var i = 0; i < values.Length; i++)
                    WriteWord(doubles.AsSpan(8 * i), 8, BitConverter.DoubleToInt64Bits(values[i]));

                Set(tag, vr, doubles);
                break;
            default:
                throw new ArgumentException($"{vr} does not hold floating point numbers.", nameof(vr));
        }
    }

    /// <summary>Sets a sequence.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="items">The items; may be none.</param>
    public void SetSequence(DicomTag tag, params DicomDataset[] items) => Add(new DicomSequence(tag, items));

    private static void WriteWord(Span<byte> target, int size, long value)
    {
        switch (size)
        {
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)value);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(target, value);
                break;
        }
    }
}
