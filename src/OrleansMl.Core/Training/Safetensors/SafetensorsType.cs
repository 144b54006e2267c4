namespace OrleansMl.Core.Training.Safetensors;

/// <summary>Element types of the safetensors format that are used here.</summary>
public enum SafetensorsType
{
    /// <summary>32-bit float.</summary>
    F32,

    /// <summary>64-bit float.</summary>
    F64,

    /// <summary>64-bit integer.</summary>
    I64,

    /// <summary>32-bit integer.</summary>
    I32,

    /// <summary>Byte.</summary>
    U8,
}
