/*
 * jose_tokens: keys and tokens made by other programs, for the tests of jose.
 *
 * Each token claims {"sub":"joe","n":1.5}. The private keys were discarded.
 */
#ifndef IO7_T_UNIT_JOSE_TOKENS_H
#define IO7_T_UNIT_JOSE_TOKENS_H

/* clang-format off */
#define RSA_N \
	"ojcb46-xl7vz6eWarfcoISCx34flxL-L51mYTzJFzMZhJfjxt_Zki7ULWyKrjHNb2R" \
	"blD6FdoH44wa1HWje7_Ia4R4InWxSTNwxrcuzt9ZjMQ6zOtV7MKcEiTiHOswcsBFZV" \
	"gX0T4Nb0gbmNoSKFEKVnm_u1yPKDG-D90Quj2bCR0s_pYfnyO8NpM8Qa4QYeJwuLsN" \
	"5klu7Kde0fy8Ios52AB7MrNTLdoRuY2zHtn-I0lbKqHy-XMPyUTlhyX1QEFAU0-sJF" \
	"uP-gcJ1OQZ8mGQG028utIFO72HuLuMnlSTjE8Nj2dkdLFGr7S9JYtRkEgMz7uvWpZN" \
	"iOZ5NtkgU0XQ"

#define WEAK_N \
	"spNmlSN1yyEOlc-vmYb05ocJ4heTw8V9i94awHI8XIJi04O-m_EBXnI28OgXj7XMFk" \
	"JDa0wZIbp5GJi2S_HOTmM7gfJ4NC5ptCVAp5HUCGEf7q7v_08xZWHatQJIGeT68sT-" \
	"8ekkbT7zZfbLmYksRGQxOKRXNklgr9Le1BNVGlE"

#define EC_X \
	"wjRbPfnVsune1apeOsfn8stVYsyv-puT9SbS8dNOG_4"

#define EC_Y \
	"IykFFTeWDIzG1FxS_klX5SsCSZdniaxqLEMQQ79SC08"

#define ED_X \
	"ROVqkaklwqxsYj8cXHQRfPX7cHsix1bQzBdcZjv2ajI"

#define JOSE_RS256 \
	"eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJqb2UiLCJuIjoxLjV9." \
	"jyMeXW0YIeW5VHIiFVxdakg89S9yjxzIG-5L2dimR5BpVXiUPLYZI0cwWy_FfQncYn" \
	"IiFhV5_caGdZX3dA1ydsXAxk6a8uYWG4ZL4tbhU_VkfCj3EiN5RNjYi8Xqwgh1Qin_" \
	"YNTF1ep8vtPQrmJ8hz2nzKGq-S30yJUDK5nganx6L1A3SvGkollsbvq4nOJgCGBdFv" \
	"IJdEqrwPY-ZSwPHLRvdDIte5sEMOEw59g89auYts8XmethrlsDXMKXACNCVsm-ausB" \
	"eZsX_pEfQbUfTc7WP6vcohL2AP6fV9w0Oxk-3fX8p12WQC8OajQjxuVi1p2XqBRwvu" \
	"FV0skJw0nT5Q"

#define JOSE_ES256 \
	"eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.g" \
	"49eyosoRhpAhci0vEmbhZi2ebEWbcamWnhCtdi37B_IACApV0lfvAfalOzpqdsLHoM" \
	"6VKmFdMQY5tLxrzBPLg"

#define JOSE_ES256_DER \
	"eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.M" \
	"EUCIQDbY3eaPsRXAHr49e2mYy7u8R0ByVgKx7CbnUa-NE2K3wIgHv1x0pCNnNFnSxZ" \
	"RE5lwu01V6wuhQnkAVaBBVlelhcw"

#define JOSE_EDDSA \
	"eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIn0.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.s" \
	"NfVSLhs4ZOD80W8xLs9DBrQzkukgW2PYql7ejOH-28czSEmyImybLfqeKMQvRBklTn" \
	"-yZOVyuu8mvmi-mjPAg"

#define JOSE_HS256 \
	"eyJhbGciOiJIUzI1NiIsImtpZCI6ImFueSJ9.eyJzdWIiOiJqb2UiLCJuIjoxLjV9." \
	"GWxcJHE6EvFwtq1ncoG5usqK_PLc7-fT5URSf9HmB0A"

#define ED_CRIT \
	"eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIiwiY3JpdCI6WyJuIl0sIm4iOjF9.eyJzd" \
	"WIiOiJqb2UiLCJuIjoxLjV9.vWswziD9_LQpVSYE9pgJhG2g7DfSeU2oLnpD3XKqLT" \
	"yFAh_TAmn1n3xroBc42byV-0UwpA2Eo-LSztJNqK2lBQ"

#define ED_NO_ALG \
	"eyJraWQiOiJlZCJ9.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.iBGGJKT3SNYG6TIBYfJf" \
	"L7QSAuK1OJQ36TOE_1PaImIGexlbVzlNspYlcx4H7tjefPDDJhG8RNVc_E6b6MWDBA"

#define ED_NONE \
	"eyJhbGciOiJub25lIiwia2lkIjoiZWQifQ.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.e2" \
	"WxReAhIMJvS3ATc5XOuqG-4QaWf4g4ytPKmIO5GRBNXFXfnosQImBu5hGFG9a_D8rn" \
	"MW3jdWIQjdl3rZM9Dw"

#define ED_TWICE \
	"eyJhbGciOiJFZERTQSIsImFsZyI6IkVkRFNBIiwia2lkIjoiZWQifQ.eyJzdWIiOiJ" \
	"qb2UiLCJuIjoxLjV9.KcpFE2077abDWmeK43EMdmkjHJCmLt7aiTU338kN83uKwMQk" \
	"GC4hciX7rMFlwawvqU4Jhx4sVK452YigVe-5AQ"

#define ED_CASE \
	"eyJhbGciOiJlZGRzYSIsImtpZCI6ImVkIn0.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.W" \
	"5PgBasO3lZOplBbYvlNRj_RCTOsYrexlPds2x_KwDU_NSG1M04QVp4nqDP90SdTjuI" \
	"auZ38ayvVXPaZ1kDpBQ"

#define ED_OF_RSA \
	"eyJhbGciOiJFZERTQSIsImtpZCI6InJzYSJ9.eyJzdWIiOiJqb2UiLCJuIjoxLjV9." \
	"HZ8f4EPh6YKKIveuU0WnS1yGxZxDxE5zOVIME0-GCqR6thI_Q-ur5es3HpnJpWdCxt" \
	"iU96Y-FaI9ZRqQmN_PCw"

#define ED_AS_RSA \
	"eyJhbGciOiJSUzI1NiIsImtpZCI6ImVkIn0.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.I" \
	"ZwXX4MEZL3JELq-HQCFvf83C8lbTpOF5fTz6CrL3YXzC7ujMziAAhfEsGY5mSbrzea" \
	"lY2xBXSKZsm7QPh-BBQ"

#define ED_NOBODY \
	"eyJhbGciOiJFZERTQSIsImtpZCI6Im5vYm9keSJ9.eyJzdWIiOiJqb2UiLCJuIjoxL" \
	"jV9.Xzl42NVlIF_xozpOUggSSKgc9rJTpFsEddScwIJbekK-GWDdE93079bCI2ygMN" \
	"8OZVrNeZZOHtF6g6rkpyAYAw"

#define ED_NO_KID \
	"eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.V3WcbOpKkzKy1Sjm" \
	"uItGVg7v8upl-gmW3giBVUgHGujEvrbARZsU1yTKVcDTIWJGO8VQZNL2TxZfxYgR7C" \
	"-TBQ"

#define ED_KID_7 \
	"eyJhbGciOiJFZERTQSIsImtpZCI6N30.eyJzdWIiOiJqb2UiLCJuIjoxLjV9.N8ZHB" \
	"A-63weESfi4L3fB-Lak4OZzBh5DahhulBBVTtOzBmLbHL27kpbfNS6Uqk1xcKyxtEe" \
	"qy_hNEl2JzFqKBw"

#define ED_ARRAY \
	"eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIn0.WzFd.gsqhrVznux7HzenENkaRLHKqF" \
	"ORYkuI14aBDVhUPRWs8bYM46EuLev1j4m0qW3yB9lTLTJhZ9sHDRKf6qFVNCg"

#define ED_DOUBLE \
	"eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIn0.eyJzdWIiOiJhIiwic3ViIjoiYiJ9.S" \
	"NyrCoUGiS5HN9OLT0nVC4PWR7hARlo_LgIzN0qLQWNIOWBukC6aE_GeKT6RrJyUpHV" \
	"CqgWyAC8G-A-dmwP7AA"
#define JOSE_SECRET "0123456789abcdef0123456789abcdef"

#define RSA_KEY "{\"kty\":\"RSA\",\"kid\":\"rsa\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"
#define EC_KEY "{\"kty\":\"EC\",\"kid\":\"ec\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}"
#define ED_PARTS "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\""
#define ED_KEY "{\"kid\":\"ed\",\"use\":\"sig\",\"key_ops\":[\"verify\"]," ED_PARTS "}"
#define JOSE_SET "{\"keys\":[" RSA_KEY "," EC_KEY "," ED_KEY "]}"
/* clang-format on */

#endif
