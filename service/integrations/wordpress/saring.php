<?php
/**
 * Plugin Name:       Saring for Akismet
 * Description:       Points the Akismet plugin, and all others that ask Akismet, at your own Saring, and tells it what moderators decide.
 * Version:           0.1.0
 * Requires at least: 5.0
 * Requires PHP:      7.4
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       saring
 *
 * One file: put it into wp-content/plugins/ and activate it, or into wp-content/mu-plugins/, where it is always active.
 */

defined( 'ABSPATH' ) || exit;

const SARING_AKISMET = 'rest.akismet.com';

add_filter( 'akismet_get_api_key', 'saring_api_key' );
add_filter( 'akismet_predefined_api_key', 'saring_has_key' );
add_filter( 'pre_http_request', 'saring_repoint', 10, 3 );
add_action( 'transition_comment_status', 'saring_tell', 10, 3 );
add_action( 'admin_init', 'saring_register_settings' );
add_action( 'admin_menu', 'saring_add_page' );

/** Where Saring is, without a slash at the end; '' when nobody has said so. SARING_URL in wp-config.php comes first. */
function saring_url() {
	$url = defined( 'SARING_URL' ) ? constant( 'SARING_URL' ) : get_option( 'saring_url', '' );
	return rtrim( is_string( $url ) ? $url : '', '/' );
}

/** The site's API key at Saring; '' when nobody has said so. SARING_KEY in wp-config.php comes first. */
function saring_key() {
	$key = defined( 'SARING_KEY' ) ? constant( 'SARING_KEY' ) : get_option( 'saring_key', '' );
	return is_string( $key ) ? $key : '';
}

/** Whether both are known: until then nothing is changed. */
function saring_is_set_up() {
	return '' !== saring_url() && '' !== saring_key();
}

/** The key that the Akismet plugin uses: it would not take Saring's in its own settings, which allow hexadecimal digits alone. */
function saring_api_key( $key ) {
	return saring_is_set_up() ? saring_key() : $key;
}

/** Whether Akismet's settings have a key from elsewhere, so that they don't ask for one. */
function saring_has_key( $has ) {
	return saring_is_set_up() ? true : $has;
}

/**
 * Answer what is asked of Akismet by asking Saring.
 *
 * @param false|array|WP_Error $answer An answer that another plugin has given already.
 * @param array                $args   The request.
 * @param string               $url    Where it goes.
 * @return false|array|WP_Error The answer; as it was, when the request is none of ours.
 */
function saring_repoint( $answer, $args, $url ) {
	static $asking = false;
	if ( false !== $answer || $asking || ! saring_is_set_up() || ! saring_is_akismets( $url ) ) {
		return $answer;
	}
	$asking = true;
	try {
		return wp_remote_request( saring_address( $url, $args ), saring_request( $args ) );
	} finally {
		$asking = false;
	}
}

/** Whether an address is Akismet's, with a key in front of the host or without. */
function saring_is_akismets( $url ) {
	$host = wp_parse_url( $url, PHP_URL_HOST );
	$host = is_string( $host ) ? strtolower( $host ) : '';
	return SARING_AKISMET === $host || '.' . SARING_AKISMET === substr( $host, - strlen( '.' . SARING_AKISMET ) );
}

/** The same call at Saring. A GET has no body, so its key stands in the address, as Akismet has it. */
function saring_address( $url, $args ) {
	$path  = wp_parse_url( $url, PHP_URL_PATH );
	$query = wp_parse_url( $url, PHP_URL_QUERY );
	$there = saring_url() . ( is_string( $path ) ? $path : '/' ) . ( is_string( $query ) ? '?' . $query : '' );
	return saring_is_get( $args ) ? add_query_arg( 'api_key', rawurlencode( saring_key() ), $there ) : $there;
}

/** The same request with our key in its body, and without the name of Akismet's host. */
function saring_request( $args ) {
	if ( isset( $args['headers'] ) && is_array( $args['headers'] ) ) {
		foreach ( array_keys( $args['headers'] ) as $name ) {
			if ( 'host' === strtolower( (string) $name ) ) {
				unset( $args['headers'][ $name ] );
			}
		}
	}
	if ( ! saring_is_get( $args ) ) {
		$args['body'] = saring_body( isset( $args['body'] ) ? $args['body'] : '' );
	}
	return $args;
}

/** A form with our key, and no other, as its first field. */
function saring_body( $body ) {
	if ( is_array( $body ) ) {
		return array( 'api_key' => saring_key() ) + array_diff_key( $body, array( 'key' => 0, 'api_key' => 0 ) );
	}
	$rest = array();
	foreach ( explode( '&', (string) $body ) as $pair ) {
		if ( '' !== $pair && ! in_array( strtok( $pair, '=' ), array( 'key', 'api_key' ), true ) ) {
			$rest[] = $pair;
		}
	}
	return implode( '&', array_merge( array( 'api_key=' . rawurlencode( saring_key() ) ), $rest ) );
}

function saring_is_get( $args ) {
	return isset( $args['method'] ) && 'GET' === strtoupper( (string) $args['method'] );
}

/**
 * Tell Saring what a moderator has decided, where the Akismet plugin doesn't.
 *
 * That one submits what moderators mark as spam, and what they take out of spam; this one does so where it is not installed, and
 * tells in any case what was approved of all that was held. What another program decides, Akismet's own second look included, is
 * nobody's judgement and is not told.
 *
 * @param string     $new_status The status that the comment has now.
 * @param string     $old_status The one that it had.
 * @param WP_Comment $comment    The comment.
 */
function saring_tell( $new_status, $old_status, $comment ) {
	$call = saring_call( $new_status, $old_status );
	if ( '' === $call || ! saring_is_set_up() || ! saring_is_decided_by_a_person( $comment ) ) {
		return;
	}
	static $away = false;
	if ( $away ) {
		return;
	}
	$answer = saring_ask( $call, saring_fields( $comment ) );
	// a page of fifty comments must not wait for fifty answers that don't come
	$away = is_wp_error( $answer );
}

/** What is to be told of a change of status; '' for nothing. */
function saring_call( $new_status, $old_status ) {
	$akismet_tells = class_exists( 'Akismet', false );
	if ( 'spam' === $new_status && 'spam' !== $old_status ) {
		return $akismet_tells ? '' : 'submit-spam';
	}
	if ( 'spam' === $old_status && in_array( $new_status, array( 'approved', 'unapproved' ), true ) ) {
		return $akismet_tells ? '' : 'submit-ham';
	}
	return 'unapproved' === $old_status && 'approved' === $new_status ? 'submit-ham' : '';
}

function saring_is_decided_by_a_person( $comment ) {
	if ( wp_doing_cron() || ( defined( 'WP_IMPORTING' ) && constant( 'WP_IMPORTING' ) ) ) {
		return false;
	}
	if ( get_comment_meta( $comment->comment_ID, 'akismet_rechecking', true ) ) {
		return false;
	}
	return current_user_can( 'moderate_comments' ) || current_user_can( 'edit_post', $comment->comment_post_ID );
}

/** A comment as it was checked, so that Saring finds it again: as Akismet has kept it, or else as it stands. */
function saring_fields( $comment ) {
	$fields = array(
		'user_ip'              => $comment->comment_author_IP,
		'user_agent'           => $comment->comment_agent,
		'permalink'            => get_permalink( $comment->comment_post_ID ),
		'comment_type'         => $comment->comment_type ? $comment->comment_type : 'comment',
		'comment_author'       => $comment->comment_author,
		'comment_author_email' => $comment->comment_author_email,
		'comment_author_url'   => $comment->comment_author_url,
		'comment_content'      => $comment->comment_content,
		'comment_date_gmt'     => $comment->comment_date_gmt,
		'blog_lang'            => get_locale(),
		'blog_charset'         => get_option( 'blog_charset' ),
	);
	$checked = get_comment_meta( $comment->comment_ID, 'akismet_as_submitted', true );
	if ( is_array( $checked ) && isset( $checked['comment_content'] ) ) {
		$fields = array_merge( $fields, array_intersect_key( $checked, $fields ) );
	}
	return array_filter( $fields, 'is_string' );
}

/** Call Saring with a form. Gives its answer or a WP_Error. */
function saring_ask( $call, $fields ) {
	$body = array(
		'api_key' => saring_key(),
		'blog'    => get_option( 'home' ),
	);
	return wp_remote_post( saring_url() . '/1.1/' . $call, array( 'body' => $body + $fields, 'timeout' => 5 ) );
}

function saring_register_settings() {
	register_setting( 'saring', 'saring_url', array( 'type' => 'string', 'sanitize_callback' => 'saring_clean_url' ) );
	register_setting( 'saring', 'saring_key', array( 'type' => 'string', 'sanitize_callback' => 'saring_clean_key' ) );
}

function saring_clean_url( $url ) {
	return rtrim( esc_url_raw( is_string( $url ) ? trim( $url ) : '', array( 'http', 'https' ) ), '/' );
}

/** A key has small letters, digits and hyphens alone. An empty field leaves the key that there is. */
function saring_clean_key( $key ) {
	$key = is_string( $key ) ? strtolower( trim( $key ) ) : '';
	if ( preg_match( '/^[a-z0-9-]{16,63}$/D', $key ) ) {
		return $key;
	}
	if ( '' !== $key ) {
		add_settings_error( 'saring_key', 'saring_key', __( 'That is no key of Saring\'s: the one that there was is kept.', 'saring' ) );
	}
	return get_option( 'saring_key', '' );
}

function saring_add_page() {
	add_options_page( 'Saring', 'Saring', 'manage_options', 'saring', 'saring_page' );
}

/** The settings page: where Saring is, the key, and whether both work. */
function saring_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	?>
	<div class="wrap">
		<h1><?php esc_html_e( 'Saring', 'saring' ); ?></h1>
		<p><?php echo esc_html( saring_state() ); ?></p>
		<form method="post" action="options.php">
			<?php settings_fields( 'saring' ); ?>
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="saring_url"><?php esc_html_e( 'Address of Saring', 'saring' ); ?></label></th>
					<td><input type="url" class="regular-text" id="saring_url" name="saring_url"
						value="<?php echo esc_attr( saring_url() ); ?>" placeholder="https://saring.example.com"></td>
				</tr>
				<tr>
					<th scope="row"><label for="saring_key"><?php esc_html_e( 'API key of this site', 'saring' ); ?></label></th>
					<td><input type="password" class="regular-text" id="saring_key" name="saring_key" value=""
						autocomplete="off" placeholder="<?php echo esc_attr( saring_hint() ); ?>"></td>
				</tr>
			</table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}

/** The beginning of the key: enough to tell one from another. */
function saring_hint() {
	return '' === saring_key() ? '' : substr( saring_key(), 0, 11 ) . '…';
}

/** Whether Saring answers, in a sentence. */
function saring_state() {
	if ( ! saring_is_set_up() ) {
		return __( 'Give the address of your Saring and the API key of this site: until then Akismet is asked as before.', 'saring' );
	}
	$answer = saring_ask( 'verify-key', array() );
	if ( is_wp_error( $answer ) ) {
		return __( 'Saring does not answer at this address.', 'saring' );
	}
	switch ( wp_remote_retrieve_body( $answer ) ) {
		case 'valid':
			return __( 'Saring answers and knows the key. What is asked of Akismet goes there.', 'saring' );
		case 'invalid':
			return __( 'Saring answers, but does not know the key.', 'saring' );
		default:
			return __( 'Something answers at this address, but it is not Saring.', 'saring' );
	}
}
