"""The data of the contract's case list, read from the one file that the tour and the kit read too.

``SHA256`` holds the digest of every block as it stood in the case list, so that a change of the file is noticed.
"""

from cngcore.conformance.windows_blobs import data as _data

SHA256 = {
    "ECDSA_P256_PUB": "f1a877b2496b65a656122ac685e2b9662dead8e98260e4c875b8eeabdca82951",
    "HASH32": "bafc32cb8198c6d88a5b0f8313f6d206d2efd8638e57803bb0fd2b289f5ff291",
    "ECDSA_P256_SIG": "7e2eaf4c7aae2aac77892dbf79e24a071a1044968c428c0552af8f76eecc4d1e",
    "RSA512_PRIV": "5db65f321a85c8955128b54093c4ecabaad2c0850509ea2900dffad66b5ecab1",
    "RSA512_FULL": "f751629c5116391ad2b1d0cb9ad05f4385989ff4c2858c2ac6cd0388bba5a3b0",
    "RSA_BAD_EXP": "444869a734468fb6341bc4a3c3e27878bddce3593b6d500663828cb8fcefdb93",
    "P256_ECDH_PRIV": "c651b99b36915e1eb7699cf4aa2c4f4184554b66bd93c0f76ed447994a46bc9a",
    "P256_ECDH_PEER": "2de00088b77788bf55d2d0cf9411003f5ef9d2b0dc77b0f5598fbc0337187428",
    "P256_TRUNCATE": "c4225db834061e100da5b2ab8411a49e31a5bc6c11d1fdea510b0926ebaa12ab",
    "P256_HASH_SHA1": "972a0146a0849cb5626c9ad36bf504da37a8a1923f132038382553ad0218f4da",
    "DH512_PRIV": "4db60bc06e580222f59a11acefa300d20c8f61c320a093053377f3c48688845f",
    "DH512_TRUNCATE": "bbc76544dc178e26b9d4f62244e858bb996d3ccf4f0fcad88f22e4a2b86aba88",
    "DH512_HASH_SHA1": "bed65e16c69b8f2d8b321492d2d9b49f966a47a1d71ab81909405e028ae7952d",
    "DSA512_PUB": "c2000c342136dd320f7c5438ea23b83f8ad061bf14cf9f495513ae16b079e0d5",
    "DSA512_HASH": "087454c39e9478451be1f62f6a5b1514faf8552fed240db9e3c4b78657f84d57",
    "DSA512_SIG": "c3441b210a6d5cb95619ccdb767da6ea15d930eac530f599adaa9c159fa8906f",
    "MLDSA44_SEEDBLOB": "48d02bb08f312225191851c0da63d219ba4b301d475a3c572ac6249c496987bb",
    "MLDSA44_MU": "345483470f477a4eb0c0800361e0a65baf1e3b45a8dd516eb2ef6c8537402d32",
}

globals().update({name: _data(name) for name in SHA256})

ECDH_VECTORS = {
    curve: {field.lower(): _data(f"{prefix}_{field}") for field in ("PRIVATE", "PUBLIC", "PEER", "SHARED")}
    for curve, prefix in (("P-256", "P256"), ("X25519", "X25519"))
}
"""Numbers are big-endian and public keys are uncompressed points; X25519 has the byte strings of RFC 7748."""
